import CCode
import LoopIR

/// What a step knows of its place.
extension StepCode {
  /// The place along axes as a `double`, or as a number that is the same in all lanes.
  mutating func place(_ axes: [Int], as type: LaneType) -> CExpression {
    for axis in axes where !run.contains(axis) {
      add(CParameter(.size, index.placeName(axis)), index.place(axis))
    }
    let element = CExpression.add(.name("j"), .cast(.size, .name("i")))
    let flat = index.flat(axes) { axis in
      run.firstIndex(of: axis).map { index.digit($0, of: run, from: element) }
        ?? index.place(axis)
    }
    let isNumber = type == .number || kernel.type == .float64
    let value = CExpression.cast(isNumber ? number : .double, flat ?? .size(0))
    return isNumber ? .call("v_splat", value) : value
  }

  /// Which lanes are in a range of the run.
  mutating func within(_ range: PlaceRange) -> CExpression {
    let ends = PlaceRangeCode(range, kernel, index, along: run)
    let numbers = CExpression.name(PlaceRangeCode.numbers)
    add(CParameter(.pointer(toConst: number), PlaceRangeCode.numbers), numbers)
    let here = CExpression.call("v_load", .add(numbers, .name("i")), .name("LANES"))
    var conditions: [CExpression] = []
    if let name = ends.firstName {
      let first = bound(name, ends.first)
      conditions.append(.call("m_le", .call("v_splat", first), here))
    }
    if let name = ends.endName {
      let end = bound(name, ends.end)
      conditions.append(.call("m_lt", here, .call("v_splat", end)))
    }
    guard let one = conditions.first else { return .call("m_splat", .name("true")) }
    return conditions.dropFirst().reduce(one) { .call("m_and", $0, $1) }
  }

  /// The parameter for a bound of a range: `name`, or like it if another bound is called that.
  private mutating func bound(_ name: String, _ argument: CExpression) -> CExpression {
    var own = name
    while parameters.contains(where: { $0.parameter.name == own && $0.argument != argument }) {
      own += "_too"
    }
    add(CParameter(number, own), argument, .bound)
    return .name(own)
  }
}
