import Basics
import CCode
import LoopIR

/// Writes what is computed for LANES places of a region at once, each in a lane: `base` is the
/// first of them, and `live` says how many there are.
struct PlacesInLanes {
  let kernel: LoopKernel
  let region: Region
  let index: IndexCode
  /// The scalars that are the same for all places.
  let common: Set<ScalarID>
  /// The names that are taken in the function.
  var scope: NameSet
  let live = CExpression.name("live")

  init(_ kernel: LoopKernel, _ region: Region, scope: NameSet) {
    self.kernel = kernel
    self.region = region
    self.scope = scope
    index = IndexCode(axes: kernel.axes)
    common = Set(region.prologue.flatMap(\.defines).map(\.scalar))
  }

  /// The loop over the places from `first` to `last`, of the last kept axes where sums ride.
  func loop(
    from first: CExpression, to last: CExpression, _ body: [CStatement]
  ) -> CStatement {
    let base = CExpression.name("base")
    let count = CExpression.cast(.int, .call("smaller", .subtract(last, base), .name("LANES")))
    let live = UsedNames.declarations([.constant(.int, "live", count)], in: body)
    return .count("base", from: first, to: last, by: .name("LANES"), live + body)
  }

  /// The number of the first place of the lanes among all.
  var first: CExpression {
    guard let rides = region.rides else { return .name("base") }
    let segments = rides.order.segments
    let outer = index.flat(region.kept.dropLast(segments.count), at: index.place)
    return outer.map { .add(.multiply($0, index.size(segments)), .name("base")) } ?? .name("base")
  }

  func array(_ id: BufferID) -> CExpression {
    kernel.buffers[id.index].array(in: kernel)
  }

  /// What a value at the places is made of.
  func source(_ source: Source) -> CExpression {
    switch source {
    case .load(let id):
      return kernel.place(of: id, region, nil) == .each
        ? .call("v_load", .add(array(id), first), live)
        : .call("v_splat", .index(array(id), .size(0)))
    case .scalar(let id):
      let scalar = kernel.scalars[id.index]
      return common.contains(id) ? splat(.name(scalar.name), scalar.type) : .name(scalar.name)
    case .parameter(let id):
      let parameter = kernel.parameters[id.index]
      let name = CExpression.name(parameter.name)
      switch parameter.kind {
      case .number: return splat(name, .wide)
      case .counter: return splat(.cast(.double, name), .wide)
      case .flag: return splat(name, .condition)
      }
    case .size(let axes):
      let factors = axes.map { CExpression.cast(.double, index.extent($0)) }
      return splat(.chain(.multiply, factors, empty: .double(1)), .wide)
    case .place, .within: unreachable("emission: a place in lanes")
    }
  }

  func splat(_ value: CExpression, _ type: LaneType) -> CExpression {
    switch type {
    case .number: .call("v_splat", value)
    case .wide: .call("w_splat", value)
    case .condition: .call("m_splat", value)
    case .integer, .wideInteger: .call("i_splat", value)
    }
  }

  /// The program of a body, in which what is loaded has the name of its array and a suffix.
  func program(_ body: Body, suffix: String) -> LaneProgram {
    var program = body.program
    for (place, operation) in program.operations.enumerated() {
      guard case .argument(let argument) = operation,
        case .load(let id) = body.arguments[argument]
      else { continue }
      program.names[place] = kernel.buffers[id.index].name + suffix
    }
    return program
  }

  mutating func scalars(_ step: ScalarStep) -> [CStatement] {
    let fixed = Dictionary(
      step.defines.map { ($0.value, kernel.scalars[$0.scalar.index].name) },
      uniquingKeysWith: { first, _ in first })
    let stored = step.stores.map(\.value)
    let code = ProgramCode(
      program(step.body, suffix: "_here"), kernel.type, .lanes,
      arguments: step.body.arguments.map { source($0) },
      roots: step.defines.map(\.value) + stored, fixed: fixed, pinned: Set(stored), names: scope)
    scope = code.names
    return code.statements
      + step.stores.map { value, id in
        unlessNull(id, [.call("v_store", .add(array(id), first), code[value], live)])
      }
  }

  func unlessNull(_ id: BufferID, _ code: [CStatement]) -> CStatement {
    kernel.buffers[id.index].role == .output ? .branch(array(id), code) : .block(code)
  }
}
