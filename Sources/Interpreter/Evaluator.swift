import Syntax

/// Evaluates terms whole array by whole array, and keeps each step on a tape.
struct Evaluator: Sendable {
  let extents: Extents
  /// All values of the norm, for their names and for the defaults of scalars.
  let values: [Value]
  private(set) var tape = Tape()
  /// What each value is so far.
  private var records: [ValueID: RecordID] = [:]
  /// The reductions over ranks so far.
  var merged: [Term.Reduction: RecordID] = [:]
  /// The results of `stop_gradient` in the order of evaluation.
  private(set) var stopped: [[Double]] = []
  /// What the calls of `stop_gradient` give instead of their arguments, if anything.
  private let replayed: [[Double]]?
  private var placesByAxes: [AxisPair: [Int]] = [:]

  /// An evaluator that knows no value yet.
  init(extents: Extents, values: [Value], replaying replayed: [[Double]]? = nil) {
    self.extents = extents
    self.values = values
    self.replayed = replayed
  }

  /// Two lists of axes between which places are translated.
  private struct AxisPair: Hashable {
    var inner: [AxisID]
    var outer: [AxisID]
  }

  /// What `value` is; `nil` if it has not been defined.
  func record(of value: ValueID) -> RecordID? { records[value] }

  /// Lets `value` be `record` from now on.
  mutating func define(_ value: ValueID, as record: RecordID) {
    records[value] = record
  }

  /// Lets `value` be an array that the caller gives, in the order of memory.
  mutating func define(_ value: ValueID, elements: [Double], differentiable: Differentiability) {
    let record = Record(
      operation: .source, axes: values[value.index].axes, elements: elements,
      passesGradient: differentiable == .differentiable)
    records[value] = tape.append(record)
  }

  /// Lets `value` be what `equation` says; `replacement` is the gradient block of the value.
  mutating func define(by equation: Equation, replacement: Int?) throws(InterpreterError) {
    let record = try evaluate(equation.term)
    guard let replacement else { return define(equation.value, as: record) }
    // A record of its own: nothing below it can be reached but through the block.
    let axes = values[equation.value.index].axes
    let barrier = Record(
      operation: .replaced(block: replacement), axes: axes, elements: elements(record, over: axes),
      emptiness: emptiness(record, over: axes), passesGradient: true)
    define(equation.value, as: tape.append(barrier))
  }

  /// For each place of `outer` the place of `inner` that it lies at.
  mutating func places(of inner: [AxisID], over outer: [AxisID]) -> [Int] {
    let pair = AxisPair(inner: inner, outer: outer)
    if let known = placesByAxes[pair] { return known }
    let places = extents.places(of: inner, over: outer)
    placesByAxes[pair] = places
    return places
  }

  /// The elements of `record`, repeated along those of `axes` that it lacks.
  mutating func elements(_ record: RecordID, over axes: [AxisID]) -> [Double] {
    let elements = tape[record].elements
    return places(of: tape[record].axes, over: axes).map { elements[$0] }
  }

  /// Where `record` is empty, repeated along those of `axes` that it lacks.
  mutating func emptiness(_ record: RecordID, over axes: [AxisID]) -> [Bool]? {
    guard let emptiness = tape[record].emptiness else { return nil }
    return places(of: tape[record].axes, over: axes).map { emptiness[$0] }
  }

  /// Appends `record` to the tape.
  mutating func append(_ record: Record) -> RecordID {
    tape.append(record)
  }

  /// What the next `stop_gradient` gives for its argument.
  mutating func stop(_ argument: [Double]) -> [Double] {
    let result = replayed?[stopped.count] ?? argument
    stopped.append(result)
    return result
  }
}

/// Whether an array of the caller may receive a gradient.
enum Differentiability: Sendable {
  case differentiable, constant
}
