import Basics

extension LoopKernel {
  /// The kernel as text: buffers, then regions with their steps.
  package func show() -> String {
    var writer = TextWriter()
    writer.line("\(direction.rawValue) \(phase.rawValue) \(type.rawValue)")
    for buffer in buffers {
      let blocks = buffer.blocks.map { " for each block of \(show($0))" } ?? ""
      writer.line(
        "\(buffer.role) \(name(of: buffer.element)) \(buffer.name)\(list(buffer.axes))\(blocks)")
    }
    for parameter in parameters { writer.line("parameter \(parameter.kind) \(parameter.name)") }
    for region in regions { show(region, to: &writer) }
    return writer.text
  }

  private func name(of element: Buffer.Element) -> String {
    switch element {
    case .number: "number"
    case .short(let format): format.rawValue
    case .wide: "wide"
    case .mask: "mask"
    case .count: "count"
    }
  }

  private func list(_ axes: [Int]) -> String {
    axes.isEmpty ? "" : "[" + axes.map { self.axes[$0].name }.joined(separator: ", ") + "]"
  }

  private func show(_ region: Region, to writer: inout TextWriter) {
    writer.line("region \(region.title)")
    writer.indented { writer in
      for step in region.prologue { show(.scalars(step), to: &writer) }
      let columns = region.columns.isEmpty ? "" : " columns \(list(region.columns))"
      if let rides = region.rides {
        let names = rides.slots.map { buffers[$0.index].name }.joined(separator: ", ")
        writer.line("rides \(names) over \(show(rides.order))")
      }
      for join in region.joins {
        let scalar = scalars[join.scalar.index].name
        writer.line("\(scalar) := join \(buffers[join.slots.index].name)")
      }
      let turns = region.takesTurns ? ", by turns with the region before" : ""
      writer.line((region.kept.isEmpty ? "once" : "for \(list(region.kept))") + columns + turns)
      writer.indented { writer in
        for step in region.steps { show(step, to: &writer) }
      }
      guard let steps = region.stepsOfOneBlock else { return }
      writer.line("where each sum is one block")
      writer.indented { writer in
        for step in steps { show(step, to: &writer) }
      }
    }
  }

  private func show(_ step: Step, to writer: inout TextWriter) {
    switch step {
    case .scalars(let step):
      writer.line("scalars")
      writer.indented { writer in
        show(step.body, to: &writer)
        for define in step.defines {
          writer.line("\(scalars[define.scalar.index].name) := %\(define.value.index)")
        }
        show(step.stores, to: &writer)
      }
    case .reduce(let step):
      writer.line("reduce \(show(step.sweep))")
      writer.indented { writer in
        if let selection = step.selection {
          show(selection.body, to: &writer)
          writer.line("rows where %\(selection.condition.index)")
          if let range = selection.range { writer.line("all are at \(show(.within(range)))") }
        }
        show(step.body, to: &writer)
        for accumulator in step.accumulators { writer.line(show(accumulator)) }
        for keep in step.keeps {
          writer.line("\(buffers[keep.row.index].name) <- %\(keep.value.index)")
        }
        show(step.riders, to: &writer)
      }
    case .store(let step):
      writer.line("store \(show(step.sweep))")
      writer.indented { writer in
        show(step.body, to: &writer)
        show(step.stores, to: &writer)
        show(step.riders, to: &writer)
      }
    }
  }

  private func show(_ riders: [Rider], to writer: inout TextWriter) {
    for rider in riders {
      let factor = rider.factor.map { " * %\($0.index)" } ?? ""
      let condition = rider.condition.map { " where %\($0.index)" } ?? ""
      writer.line(
        "\(buffers[rider.slots.index].name) += %\(rider.value.index)\(factor)\(condition)")
    }
  }

  private func show(_ order: SumOrder) -> String {
    "segments \(list(order.segments)) run \(list(order.run))"
  }

  private func show(_ sweep: Sweep) -> String {
    "segments \(list(sweep.segments)) run \(list(sweep.run))"
  }

  private func show(_ stores: [(value: LaneValue, buffer: BufferID)], to writer: inout TextWriter) {
    for store in stores {
      let buffer = buffers[store.buffer.index]
      writer.line("\(buffer.name)\(list(buffer.axes)) <- %\(store.value.index)")
    }
  }

  private func show(_ accumulator: Accumulator) -> String {
    let name = { (id: ScalarID?) in id.map { self.scalars[$0.index].name } ?? "_" }
    let factor = accumulator.factor.map { " * %\($0.index)" } ?? ""
    let condition = accumulator.condition.map { " where %\($0.index)" } ?? ""
    let operand = "%\(accumulator.value.index)\(factor)\(condition)"
    switch accumulator.kind {
    case .total(let id): return "\(name(id)) := total \(operand)"
    case .moments(let mean, let squares):
      return "\(name(mean)), \(name(squares)) := moments \(operand)"
    case .maximum(let id): return "\(name(id)) := max \(operand)"
    case .minimum(let id): return "\(name(id)) := min \(operand)"
    }
  }

  private func show(_ body: Body, to writer: inout TextWriter) {
    for (place, source) in body.arguments.enumerated() {
      writer.line("argument \(place): \(show(source))")
    }
    body.program.show(to: &writer)
  }

  private func show(_ source: Source) -> String {
    switch source {
    case .load(let buffer): "load \(buffers[buffer.index].name)"
    case .scalar(let scalar): scalars[scalar.index].name
    case .parameter(let parameter): "parameter \(parameters[parameter.index].name)"
    case .size(let axes): "size \(list(axes))"
    case .place(let axes): "place \(list(axes))"
    case .within(let range):
      "\(range.comparison == .rounded ? "rounded " : "")place \(list(range.axes)) from "
        + [range.from, range.through].map { $0.map { scalars[$0.index].name } ?? "any" }
        .joined(separator: " through ")
    }
  }
}
