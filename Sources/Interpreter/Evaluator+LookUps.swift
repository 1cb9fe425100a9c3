import Syntax

extension Evaluator {
  /// What `x` has at the places along `along` that `index` says.
  mutating func lookUp(_ x: RecordID, along: [AxisID], at index: RecordID) -> RecordID {
    let axes = Set(tape[x].axes + tape[index].axes).subtracting(along).sorted()
    let places = picked(x, along: along, at: index, over: axes)
    let elements = tape[x].elements
    let record = Record(
      operation: .lookUp(x, along: along, at: index), axes: axes,
      elements: places.map { elements[$0] },
      emptiness: tape[x].emptiness.map { emptiness in places.map { emptiness[$0] } },
      passesGradient: tape[x].passesGradient)
    return append(record)
  }

  /// For each place of `axes` the place of `x` that `index` picks there.
  mutating func picked(
    _ x: RecordID, along: [AxisID], at index: RecordID, over axes: [AxisID]
  ) -> [Int] {
    let origins = places(of: tape[x].axes, over: axes)
    let steps = places(of: tape[x].axes, over: along)
    let indices = elements(index, over: axes)
    return origins.indices.map { origins[$0] + steps[Int(indices[$0])] }
  }
}
