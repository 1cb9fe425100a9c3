import Basics
import LoopIR
import Syntax
import TensorIR

/// The C interface of the functions of `norm`: their arguments, in the order that every generated
/// file keeps: sizes, tensors in, masks, parameters, states, counters, scalars, saved values in,
/// what is written, saved values out, workspace, executor.
///
/// - Parameter names: how the names of `norm` came about; subjects have those of the source.
package func interface(
  of norm: CheckedNorm, _ functions: [CompiledFunction], prefix: String, types: StorageTypes,
  sizes: [String: Int], layouts: [String: [String]], names: NamesInC
) -> KernelInterface {
  let builder = InterfaceBuilder(
    norm: norm, types: types, layout: MemoryLayout(norm, layouts), fixed: sizes)
  let described = functions.map { function in
    KernelFunction(
      direction: function.direction, phase: function.phase, event: function.event,
      symbol: "\(prefix)_\(function.name)",
      arguments: builder.arguments(of: function).map { argument in
        var argument = argument
        argument.subject = names.inSource(argument.subject)
        return argument
      })
  }
  let isStep = functions.map { $0.step != nil }
  var interface = KernelInterface(
    norm: norm.name, prefix: prefix, type: types.compute, data: types.data.argumentType,
    sizes: builder.sizeParameters,
    functions: zip(described, isStep).filter { !$0.1 }.map(\.0),
    ranked: rankedFunctions(zip(described, isStep).filter(\.1).map(\.0)))
  interface.quotients = (functions.first?.kernel.axes ?? []).map(\.extent).filter { extent in
    if case .quotient = extent { true } else { false }
  }
  return interface
}

/// Steps, by the function that they belong to.
private func rankedFunctions(_ steps: [KernelFunction]) -> [RankedFunction] {
  CallPhase.allCases.flatMap { phase in
    Direction.allCases.compactMap { direction in
      let own = steps.filter { $0.direction == direction && $0.phase == phase }
      let cuts = own.dropLast().enumerated().map {
        KernelCut(after: $0.element.symbol, number: $0.offset + 1)
      }
      return own.isEmpty
        ? nil : RankedFunction(direction: direction, phase: phase, steps: own, cuts: cuts)
    }
  }
}

private struct InterfaceBuilder {
  let norm: CheckedNorm
  let types: StorageTypes
  let layout: MemoryLayout
  let fixed: [String: Int]

  var sizeParameters: [SizeParameter] {
    norm.sizes.filter { fixed[$0.name] == nil }.map {
      SizeParameter(name: $0.name, standard: $0.standard, isRun: $0.isRun)
    }
  }

  func arguments(of function: CompiledFunction) -> [KernelArgument] {
    let inputs = function.arrays
    let results = function.graph.results
    let read = { (kinds: GraphInput.Kind...) in
      inputs.filter { kinds.contains($0.kind) }.map { input($0, function) }
    }
    let written = { (kinds: GraphResult.Kind...) in
      results.filter { kinds.contains($0.kind) }.map { result($0, function) }
    }
    return sizeParameters.map { size($0) } + read(.tangent) + read(.gradientAdjoint)
      + read(.outputGradient) + read(.tensor) + read(.mask)
      + read(.index)
      + parameters(function) + states(function) + counters(function) + read(.scalar, .flag)
      + read(.saved, .savedCounter) + merged(function) + written(.output) + written(.tangent)
      + written(.outputGradientAdjoint) + written(.gradient, .secondGradient)
      + written(.saved, .savedCounter).filter { saved in
        !results.contains { $0.kind == .output && $0.name == saved.name }
      } + partials(function)
      + [
        KernelArgument(
          name: "workspace", subject: "workspace", role: .workspace, type: .bytes, shape: []),
        KernelArgument(
          name: "executor", subject: "executor", role: .executor, type: .executor, shape: []),
      ]
  }

  /// What earlier steps have made in all processes, as far as it is read.
  private func merged(_ function: CompiledFunction) -> [KernelArgument] {
    function.readCuts.map { number in
      let name = KernelCut.argument(number)
      return KernelArgument(
        name: name, subject: name, role: .merged, type: .bytes, shape: [],
        note: "the merged partial results of \(function.callName)_\(number)")
    }
  }

  private func partials(_ function: CompiledFunction) -> [KernelArgument] {
    guard let step = function.step, !step.isLast else { return [] }
    return [
      KernelArgument(
        name: "partials", subject: "partials", role: .partials, type: .bytes, shape: [],
        note: "out: what the other processes need, aligned as a double is")
    ]
  }

  private func size(_ size: SizeParameter) -> KernelArgument {
    let usual = size.standard.map { "usually \($0)" } ?? ""
    return KernelArgument(
      name: size.nameInC, subject: size.name, role: .size, type: .size, shape: nil,
      note: size.isRun ? "the product of a run of dimensions" : usual)
  }

  /// Each parameter that is read, or set by an event.
  private func parameters(_ function: CompiledFunction) -> [KernelArgument] {
    norm.values.flatMap { value -> [KernelArgument] in
      guard case .parameter = value.kind else { return [] }
      return arguments(for: value, .parameter, function)
    }
  }

  /// Each state that is read or set: before the call, and after it.
  private func states(_ function: CompiledFunction) -> [KernelArgument] {
    norm.values.flatMap { value -> [KernelArgument] in
      guard case .state = value.kind else { return [] }
      return arguments(for: value, .state, function)
    }
  }

  /// What stands for a value before the call and after it.
  private func arguments(
    for value: Value, _ kind: GraphInput.Kind, _ function: CompiledFunction
  ) -> [KernelArgument] {
    let before = function.arrays.filter { $0.kind == kind && $0.name == value.name }
    let after = function.graph.results.filter {
      $0.kind == .nextState && $0.name == value.name
    }
    return before.map { input($0, function) } + after.map { result($0, function) }
  }

  private func counters(_ function: CompiledFunction) -> [KernelArgument] {
    norm.values.flatMap { value -> [KernelArgument] in
      guard case .counter = value.kind else { return [] }
      let isRead = function.arrays.contains {
        $0.kind == .counter && $0.name == value.name
      }
      let counts =
        function.direction == .forward && function.phase == .train
        && function.step?.isLast != false
      let after = function.graph.results.filter {
        $0.kind == .nextCounter && $0.name == value.name
      }
      var arguments: [KernelArgument] = []
      if isRead || counts {
        arguments.append(
          KernelArgument(
            name: value.name, subject: value.name, role: .counter, type: .int64, shape: nil,
            note: function.phase == .train
              ? "training calls before this one" : "training calls so far"))
      }
      if counts {
        arguments.append(
          KernelArgument(
            name: "next_" + value.name, subject: value.name, role: .nextCounter, type: .int64,
            shape: [], note: "that number after this call, or NULL"))
      }
      return arguments + after.map { result($0, function) }
    }
  }

  private func input(_ input: GraphInput, _ function: CompiledFunction) -> KernelArgument {
    var argument = KernelArgument(
      name: input.name, subject: input.name, role: .tensor,
      type: types.element(of: input).argumentType,
      shape: dimensions(named: input.name, axes: input.axes))
    switch input.kind {
    case .tensor: argument.note = function.direction == .forward ? "" : "as given to forward"
    case .outputGradient:
      derive(&argument, from: input.name.dropFirst(2), input.axes, as: .outputGradient)
    case .tangent:
      derive(&argument, from: input.name.dropFirst(2), input.axes, as: .tangent)
      argument.note = "the direction of \(argument.subject)"
    case .gradientAdjoint:
      derive(&argument, from: input.name.dropFirst(3), input.axes, as: .gradientAdjoint)
      argument.note = "the gradient by d_\(argument.subject)"
    case .mask: (argument.role, argument.note) = (.mask, "0 or not 0")
    case .index:
      argument.role = .index
      argument.type = .int64
      argument.indexed = indexed(by: input.name)
      argument.note = "places along " + argument.indexed.map(\.name).joined(separator: ", ")
    case .parameter: argument.role = .parameter
    case .state: (argument.role, argument.note) = (.state, "before the call")
    case .saved: (argument.role, argument.note) = (.saved, "saved by forward")
    case .savedCounter, .counter:
      argument.role = input.kind == .counter ? .counter : .saved
      argument.type = .int64
      argument.shape = nil
      argument.note = "saved by forward"
    case .scalar, .placeholder, .merged:
      scalar(&argument, .double)
      if function.event.map({ isArgument(input.name, of: $0) }) == true {
        argument.role = .eventArgument
      }
    case .flag: scalar(&argument, .bool)
    }
    return argument
  }

  /// Makes of an argument a derivative by the value `subject`, whose shape it has, or one of it.
  private func derive(
    _ argument: inout KernelArgument, from subject: Substring, _ axes: [Int],
    as role: KernelArgument.Role
  ) {
    argument.role = role
    argument.subject = String(subject)
    argument.shape = dimensions(named: argument.subject, axes: axes)
  }

  /// What the places of an index are counted along.
  private func indexed(by name: String) -> [ArrayDimension] {
    guard let value = norm.values.first(where: { $0.name == name }),
      case .index(of: let axes) = value.kind
    else { return [] }
    return axes.map { axis in
      ArrayDimension(
        name: norm.axes[axis.index].name, extents: [extent(norm.axes[axis.index].extent)])
    }
  }

  private func isArgument(_ name: String, of event: String) -> Bool {
    norm.events.first { $0.name == event }?.arguments.contains {
      norm.values[$0.index].name == name
    } == true
  }

  private func scalar(_ argument: inout KernelArgument, _ type: KernelArgument.ElementType) {
    argument.role = .scalar
    argument.type = type
    argument.shape = nil
    argument.note = usual(argument.name)
  }

  /// What a scalar is if the source gives a number.
  private func usual(_ name: String) -> String {
    guard let value = norm.values.first(where: { $0.name == name }),
      case .scalar(let standard) = value.kind, let standard
    else { return "" }
    switch standard.form {
    case .number(let number): return "usually \(number)"
    case .truth(let truth): return "usually \(truth)"
    default: return ""
    }
  }

  private func result(_ result: GraphResult, _ function: CompiledFunction) -> KernelArgument {
    var argument = KernelArgument(
      name: argumentName(of: result), subject: result.name, role: .output,
      type: types.element(of: result).argumentType,
      shape: dimensions(named: result.name, axes: result.axes), note: "out, or NULL")
    switch result.kind {
    case .output: break
    case .nextState:
      argument.role = .nextState
      argument.note = "after the call: out, may be \(result.name), or NULL"
    case .nextCounter:
      argument.role = .nextCounter
      argument.shape = []
      argument.note = "after the call: out, or NULL"
    case .gradient, .secondGradient: argument.role = .gradient
    case .tangent: argument.role = .outputTangent
    case .outputGradientAdjoint:
      argument.role = .outputGradientAdjoint
      argument.note = "the gradient by d_\(result.name): out, or NULL"
    case .partial: argument.role = .partials
    case .saved:
      argument.role = .saved
      argument.note = "out: saved for backward, or NULL"
    case .savedCounter:
      argument.role = .saved
      argument.type = .int64
      argument.shape = []
      argument.note = "out: saved for backward, or NULL"
    }
    return argument
  }

  /// The dimensions of an array: those of the declared value, or one for each axis.
  private func dimensions(named name: String, axes: [Int]) -> [ArrayDimension] {
    let declared = norm.values.indices.first { index in
      norm.values[index].name == name && Set(norm.values[index].axes.map(\.index)) == Set(axes)
    }
    if let declared {
      return layout.dimensions(of: ValueID(declared)).map { dimension in
        ArrayDimension(
          name: dimension.name, extents: extents(dimension), isRun: dimension.isRun)
      }
    }
    return axes.map { axis in
      ArrayDimension(
        name: norm.axes[axis].name, extents: [extent(norm.axes[axis].extent)],
        isRun: isRun(norm.axes[axis].extent))
    }
  }

  /// A split axis as a whole is the size that the caller gives.
  private func extents(_ dimension: Dimension) -> [ArrayDimension.Extent] {
    if let size = norm.sizes.first(where: { $0.name == dimension.name }), dimension.axes.count > 1 {
      return [fixed[size.name].map(ArrayDimension.Extent.fixed) ?? .size(size.name)]
    }
    return dimension.axes.map { extent(norm.axes[$0.index].extent) }
  }

  private func extent(_ value: Axis.Extent) -> ArrayDimension.Extent {
    switch value {
    case .size(let id): size(id)
    case .quotient(let whole, let part): size(whole).divided(by: size(part))
    case .share(let parts, let part): parts.map { size($0) }.multiplied.divided(by: size(part))
    }
  }

  private func size(_ id: SizeID) -> ArrayDimension.Extent {
    let name = norm.sizes[id.index].name
    return fixed[name].map(ArrayDimension.Extent.fixed) ?? .size(name)
  }

  private func isRun(_ value: Axis.Extent) -> Bool {
    if case .size(let id) = value { norm.sizes[id.index].isRun } else { false }
  }
}

extension CompiledFunction {
  /// The inputs, each array once: what is read by several axes is one argument.
  fileprivate var arrays: [GraphInput] {
    var found: [GraphInput] = []
    for input in graph.inputs.map({ graph.original(of: $0) })
    where !found.contains(where: { $0.name == input.name }) {
      found.append(input)
    }
    return found
  }
}

extension CompiledFunction {
  /// The cuts whose merged results the step reads, by number.
  var readCuts: [Int] {
    guard let step else { return [] }
    let names = Set(graph.inputs.filter { $0.kind == .merged }.map(\.name))
    return step.cuts.indices.filter { cut in
      step.cuts[cut].entries.contains { !names.isDisjoint(with: $0.arrays) }
    }.map { $0 + 1 }
  }
}
