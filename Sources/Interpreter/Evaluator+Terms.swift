import Syntax

extension Evaluator {
  /// Evaluates `term`; a value without a record must be a scalar that takes its default.
  mutating func evaluate(_ term: Term) throws(InterpreterError) -> RecordID {
    switch term.form {
    case .number(let number): constant([number], axes: [])
    case .truth(let truth): constant([truth ? 1 : 0], axes: [])
    case .value(let value): try read(value)
    case .size(let axes): constant([size(of: axes)], axes: [])
    case .index(let axes): index(along: axes)
    case .unary(let function, let x): unary(function, try evaluate(x))
    case .binary(let function, let x, let y):
      binary(function, try evaluate(x), try evaluate(y))
    case .compare(let comparison, let x, let y):
      condition(try evaluate(x), try evaluate(y)) { comparison.holds($0, $1) }
    case .logic(let connective, let x, let y):
      condition(try evaluate(x), try evaluate(y)) { connective.holds($0 != 0, $1 != 0) }
    case .not(let x): negation(try evaluate(x))
    case .select(let condition, let x, let y):
      select(try evaluate(condition), try evaluate(x), try evaluate(y))
    case .reduce(let reduction): try reduce(reduction)
    case .lookUp(let x, let along, let place):
      lookUp(try evaluate(x), along: along, at: try evaluate(place))
    case .regroup(let x, let from, let to): regroup(try evaluate(x), from: from, to: to)
    case .stopGradient(let x): stopGradient(try evaluate(x))
    }
  }

  /// The record of `value`; a scalar that has none takes its default first.
  private mutating func read(_ value: ValueID) throws(InterpreterError) -> RecordID {
    if let known = record(of: value) { return known }
    let declared = values[value.index]
    guard case .scalar(let standard) = declared.kind else {
      preconditionFailure("interpreter: '\(declared.name)' is read before it is defined")
    }
    guard let standard else { throw .missingValue(declared.name) }
    let result = try evaluate(standard)
    define(value, as: result)
    return result
  }

  private mutating func constant(_ elements: [Double], axes: [AxisID]) -> RecordID {
    append(Record(operation: .source, axes: axes, elements: elements, passesGradient: false))
  }

  /// The product of extents, as a number.
  private func size(of axes: [AxisID]) -> Double {
    axes.reduce(1) { $0 * Double(extents[$1]) }
  }

  /// The places along `axes`, numbered with the last one fastest.
  private mutating func index(along axes: [AxisID]) -> RecordID {
    constant((0..<extents.count(axes)).map(Double.init), axes: axes)
  }

  private mutating func unary(_ function: UnaryFunction, _ x: RecordID) -> RecordID {
    var result = tape[x]
    result.operation = .unary(function, x)
    result.elements = tape[x].elements.map { function.value($0) }
    return append(result)
  }

  private mutating func binary(
    _ function: BinaryFunction, _ x: RecordID, _ y: RecordID
  ) -> RecordID {
    var result = pointwise(x, y) { function.value($0, $1) }
    result.operation = .binary(function, x, y)
    result.passesGradient = tape[x].passesGradient || tape[y].passesGradient
    return append(result)
  }

  private mutating func condition(
    _ x: RecordID, _ y: RecordID, _ holds: (Double, Double) -> Bool
  ) -> RecordID {
    append(pointwise(x, y) { holds($0, $1) ? 1 : 0 })
  }

  private mutating func negation(_ x: RecordID) -> RecordID {
    var result = tape[x]
    result.operation = .source
    result.elements = tape[x].elements.map { $0 == 0 ? 1 : 0 }
    result.passesGradient = false
    return append(result)
  }

  private mutating func regroup(_ x: RecordID, from: [AxisID], to: [AxisID]) -> RecordID {
    let others = tape[x].axes.filter { !from.contains($0) }
    var result = tape[x]
    result.operation = .regroup(x, from: from, to: to)
    result.axes = others + to
    result.elements = elements(x, over: others + from)
    result.emptiness = emptiness(x, over: others + from)
    return append(result)
  }

  private mutating func stopGradient(_ x: RecordID) -> RecordID {
    var result = tape[x]
    result.operation = .source
    result.elements = stop(tape[x].elements)
    result.passesGradient = false
    return append(result)
  }

  /// `function` at each place of the axes of `x` and `y`; it is empty where either is.
  private mutating func pointwise(
    _ x: RecordID, _ y: RecordID, _ function: (Double, Double) -> Double
  ) -> Record {
    let axes = Set(tape[x].axes + tape[y].axes).sorted()
    let xElements = tape[x].elements
    let yElements = tape[y].elements
    let xPlaces = places(of: tape[x].axes, over: axes)
    let yPlaces = places(of: tape[y].axes, over: axes)
    var result: [Double] = []
    result.reserveCapacity(xPlaces.count)
    for place in xPlaces.indices {
      result.append(function(xElements[xPlaces[place]], yElements[yPlaces[place]]))
    }
    return Record(
      operation: .source, axes: axes, elements: result,
      emptiness: union(emptiness(x, over: axes), emptiness(y, over: axes)), passesGradient: false)
  }

  /// Takes `x` where `condition` is true, else `y`, and is empty where what it reads is.
  private mutating func select(
    _ condition: RecordID, _ x: RecordID, _ y: RecordID
  ) -> RecordID {
    let axes = Set(tape[condition].axes + tape[x].axes + tape[y].axes).sorted()
    let isTrue = elements(condition, over: axes)
    let taken = elements(x, over: axes)
    let other = elements(y, over: axes)
    var result: [Double] = []
    result.reserveCapacity(isTrue.count)
    for place in isTrue.indices {
      result.append(isTrue[place] != 0 ? taken[place] : other[place])
    }
    let record = Record(
      operation: .select(condition, x, y), axes: axes, elements: result,
      emptiness: selectedEmptiness(condition, x, y, isTrue: isTrue, axes: axes),
      passesGradient: tape[x].passesGradient || tape[y].passesGradient)
    return append(record)
  }

  /// Where the condition or the branch taken is empty.
  private mutating func selectedEmptiness(
    _ condition: RecordID, _ x: RecordID, _ y: RecordID, isTrue: [Double], axes: [AxisID]
  ) -> [Bool]? {
    let ofCondition = emptiness(condition, over: axes)
    let ofX = emptiness(x, over: axes)
    let ofY = emptiness(y, over: axes)
    guard ofX != nil || ofY != nil else { return ofCondition }
    let ofBranch = isTrue.indices.map { place in
      (isTrue[place] != 0 ? ofX : ofY)?[place] ?? false
    }
    return union(ofCondition, ofBranch)
  }
}

/// Where either of two arrays is empty.
private func union(_ x: [Bool]?, _ y: [Bool]?) -> [Bool]? {
  guard let x else { return y }
  guard let y else { return x }
  return x.indices.map { x[$0] || y[$0] }
}
