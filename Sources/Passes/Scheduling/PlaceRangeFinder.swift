import LoopIR

/// Finds the conditions of a sweep that hold in a stretch of its run, and writes the ends of these.
struct PlaceRangeFinder {
  /// The ends of a stretch, as values of `ends`; `nil` where it has none.
  struct Range {
    var axes: [Int]
    var from: LaneValue?
    var through: LaneValue?
    var comparison: PlaceRange.Comparison
  }

  /// A place along the run, or one less or more than a whole number: `sign * place + offset`.
  private struct Place {
    var axes: [Int]
    var isNegative = false
    /// A value of `ends`.
    var offset: LaneValue?
    var comparison = PlaceRange.Comparison.exact
  }

  /// The scalar program of the ends.
  private(set) var ends = Body()
  private let body: Body
  private let run: [Int]
  private let scalars: [Scalar]
  /// The scalars that are whole numbers.
  private let whole: Set<ScalarID>

  init(_ body: Body, _ run: [Int], _ scalars: [Scalar], _ whole: Set<ScalarID>) {
    self.body = body
    self.run = run
    self.scalars = scalars
    self.whole = whole
  }

  /// The largest conditions below `roots` that hold in a stretch, and where.
  mutating func found(below roots: [LaneValue]) -> [(value: LaneValue, range: Range)] {
    var found: [(value: LaneValue, range: Range)] = []
    var seen = Set<LaneValue>()
    var open = roots
    while let value = open.popLast() {
      guard seen.insert(value).inserted else { continue }
      if let range = range(of: value) {
        found.append((value, range))
      } else {
        open += body.program.operations[value.index].operands
      }
    }
    return found.sorted { $0.value < $1.value }
  }

  /// Where all of some conditions hold, if not elsewhere as well.
  mutating func range(ofAll conditions: [LaneValue]) -> Range? {
    var all: Range?
    for condition in conditions {
      guard let range = range(of: condition) else { continue }
      guard let known = all else {
        all = range
        continue
      }
      all = both(known, range) ?? known
    }
    return all
  }

  private mutating func both(_ a: Range, _ b: Range) -> Range? {
    guard a.axes == b.axes, a.comparison == b.comparison else { return nil }
    return Range(
      axes: a.axes, from: extreme(.maximum, a.from, b.from),
      through: extreme(.minimum, a.through, b.through), comparison: a.comparison)
  }

  private mutating func range(of value: LaneValue) -> Range? {
    switch body.program.operations[value.index] {
    case .logic(.and, let a, let b):
      guard let first = range(of: a), let second = range(of: b) else { return nil }
      return both(first, second)
    case .compare(let comparison, let a, let b):
      if let place = place(a), isSame(b) { return range(place, comparison, b, .placeFirst) }
      if let place = place(b), isSame(a) { return range(place, comparison, a, .placeLast) }
      return nil
    default: return nil
    }
  }

  private enum Side { case placeFirst, placeLast }

  /// Where `place` compares so with `other`, which is the same along the run.
  ///
  ///     place + offset <= other   ->   place <= floor(other) - offset
  ///     place + offset <  other   ->   place <= ceil(other) - 1 - offset
  ///     offset - place <= other   ->   offset - floor(other) <= place
  private mutating func range(
    _ place: Place, _ comparison: LaneComparison, _ other: LaneValue, _ side: Side
  ) -> Range? {
    let number = copied(other)
    var (least, most): (LaneValue?, LaneValue?)
    switch (comparison, side) {
    case (.equal, _): (least, most) = (above(number), below(number))
    case (.lessOrEqual, .placeFirst): most = below(number)
    case (.lessOrEqual, .placeLast): least = above(number)
    case (.less, _) where place.comparison == .rounded: return nil
    case (.less, .placeFirst): most = binary(.subtract, above(number), constant(1))
    case (.less, .placeLast): least = binary(.add, below(number), constant(1))
    case (.notEqual, _): return nil
    }
    // Nothing compares so with NaN.
    least = least.map { unlessNaN(number, $0, .infinity) }
    most = most.map { unlessNaN(number, $0, -.infinity) }
    if let offset = place.offset {
      least = least.map { moved($0, place, by: offset) }
      most = most.map { moved($0, place, by: offset) }
    }
    if place.isNegative { swap(&least, &most) }
    return Range(
      axes: place.axes, from: least, through: most, comparison: place.comparison)
  }

  /// The place whose value is `end`.
  private mutating func moved(
    _ end: LaneValue, _ place: Place, by offset: LaneValue
  ) -> LaneValue {
    place.isNegative ? binary(.subtract, offset, end) : binary(.subtract, end, offset)
  }

  /// The place that a value of the sweep is; `nil` if it is none.
  private mutating func place(_ value: LaneValue) -> Place? {
    let operation = body.program.operations[value.index]
    switch operation {
    case .argument:
      guard case .place(let axes) = body.source(of: operation), axes.leads(run),
        body.program.types[value.index] == .wide
      else { return nil }
      return Place(axes: axes)
    case .narrow(let a):
      guard var place = place(a), place.offset == nil, !place.isNegative else { return nil }
      place.comparison = .rounded
      return place
    case .binary(.add, let a, let b):
      guard var place = place(a) ?? place(b), place.offset == nil, place.comparison == .exact
      else { return nil }
      let rest = self.place(a) == nil ? a : b
      guard isWhole(rest) else { return nil }
      place.offset = copied(rest)
      return place
    case .binary(.subtract, let a, let b):
      if var place = place(a), place.offset == nil, place.comparison == .exact, isWhole(b) {
        place.offset = unary(.negate, copied(b))
        return place
      }
      if var place = place(b), place.offset == nil, place.comparison == .exact, isWhole(a) {
        (place.isNegative, place.offset) = (true, copied(a))
        return place
      }
      return nil
    default: return nil
    }
  }

  /// `true` iff a value is a whole number, and small enough that sums with places are exact.
  private func isWhole(_ value: LaneValue) -> Bool {
    let operation = body.program.operations[value.index]
    if case .constant(let number) = operation {
      return number == number.rounded() && abs(number) < 0x1p31
    }
    if case .scalar(let scalar) = body.source(of: operation) { return whole.contains(scalar) }
    return false
  }

  /// `true` iff a value is the same throughout the sweep, and can be made before it.
  private func isSame(_ value: LaneValue) -> Bool {
    body.program.values(for: [value]).allSatisfy { value in
      let operation = body.program.operations[value.index]
      switch operation {
      case .argument:
        guard case .scalar(let id) = body.source(of: operation) else { return false }
        return !scalars[id.index].isOfColumn
      case .function: return false
      default: return true
      }
    }
  }

  // The program of the ends

  /// A value of the sweep as a wide one of the ends.
  private mutating func copied(_ value: LaneValue) -> LaneValue {
    var copies: [LaneValue: LaneValue] = [:]
    for old in body.program.values(for: [value]) {
      var operation = body.program.operations[old.index].mapOperands { copies[$0] ?? $0 }
      if let source = body.source(of: operation) {
        let known = ends.arguments.firstIndex(of: source)
        if known == nil { ends.arguments.append(source) }
        operation = .argument(known ?? ends.arguments.count - 1)
      }
      copies[old] = computed(operation, body.program.types[old.index])
    }
    let copy = copies[value] ?? value
    return ends.program.types[copy.index] == .wide ? copy : computed(.widen(copy), .wide)
  }

  /// The value of an operation, which is written once.
  private mutating func computed(_ operation: LaneOperation, _ type: LaneType) -> LaneValue {
    let known = ends.program.operations.indices.first {
      ends.program.operations[$0] == operation && ends.program.types[$0] == type
    }
    return known.map { LaneValue($0) } ?? ends.program.append(operation, type)
  }

  private mutating func constant(_ number: Double) -> LaneValue {
    computed(.constant(number), .wide)
  }

  private func known(_ value: LaneValue) -> Double? {
    if case .constant(let number) = ends.program.operations[value.index] { number } else { nil }
  }

  private mutating func binary(_ function: LaneBinary, _ a: LaneValue, _ b: LaneValue) -> LaneValue
  {
    guard let first = known(a), let second = known(b) else {
      return computed(.binary(function, a, b), .wide)
    }
    return constant(function.applied(to: first, second))
  }

  private mutating func unary(_ function: LaneUnary, _ a: LaneValue) -> LaneValue {
    guard let number = known(a) else { return computed(.unary(function, a), .wide) }
    return switch function {
    case .negate: constant(-number)
    case .absolute: constant(abs(number))
    case .squareRoot: constant(number.squareRoot())
    case .floor: constant(number.rounded(.down))
    }
  }

  /// The largest whole number that is no larger.
  private mutating func below(_ value: LaneValue) -> LaneValue { unary(.floor, value) }

  /// The smallest whole number that is no smaller.
  private mutating func above(_ value: LaneValue) -> LaneValue {
    unary(.negate, unary(.floor, unary(.negate, value)))
  }

  private mutating func unlessNaN(
    _ number: LaneValue, _ end: LaneValue, _ otherwise: Double
  ) -> LaneValue {
    if known(number) != nil { return end }
    let isNumber = computed(.compare(.equal, number, number), .condition)
    return computed(.select(isNumber, end, constant(otherwise)), .wide)
  }

  private enum Extreme { case maximum, minimum }

  private mutating func extreme(_ kind: Extreme, _ a: LaneValue?, _ b: LaneValue?) -> LaneValue? {
    guard let a, let b, a != b else { return a ?? b }
    let (less, more) = kind == .maximum ? (a, b) : (b, a)
    let isLess = computed(.compare(.less, less, more), .condition)
    return computed(.select(isLess, b, a), .wide)
  }
}

extension [Int] {
  /// `true` iff places along these axes grow along `run`: they end with its first axes, and have no
  /// others of it.
  func leads(_ run: [Int]) -> Bool {
    let count = countInFront(of: run)
    return count > 0 && Set(dropLast(count)).isDisjoint(with: run)
  }

  /// How many of the last of these axes are the first of `run`.
  func countInFront(of run: [Int]) -> Int {
    (0...Swift.min(count, run.count)).last { suffix($0) == run.prefix($0) } ?? 0
  }
}
