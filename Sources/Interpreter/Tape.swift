import Syntax

/// The array operations of a call in the order in which they were done, with their results.
///
///     tape       ::= record*
///     record     ::= operation on earlier records, axes, elements, where it is empty
struct Tape: Sendable {
  private(set) var records: [Record] = []

  subscript(id: RecordID) -> Record { records[id.index] }

  /// Appends `record`, which may refer to those before it.
  mutating func append(_ record: Record) -> RecordID {
    records.append(record)
    return RecordID(index: records.count - 1)
  }
}

/// The index of a record on its tape.
struct RecordID: Hashable, Sendable {
  let index: Int
}

/// A dense array and how it was made.
struct Record: Sendable {
  var operation: Operation
  /// The atoms along which it differs, slowest first.
  var axes: [AxisID]
  /// Conditions are 0 and 1.
  var elements: [Double]
  /// For each element, `true` iff a mean, variance, maximum or minimum that it was made from took
  /// no element; `nil` if that is so nowhere.
  var emptiness: [Bool]?
  /// `true` iff a tensor or parameter may receive a gradient through it.
  var passesGradient: Bool

  /// How a record was made from earlier ones, as far as a gradient needs it.
  enum Operation: Sendable {
    /// An input, a constant, a condition, or anything else through which no gradient passes.
    case source
    case unary(UnaryFunction, RecordID)
    case binary(BinaryFunction, RecordID, RecordID)
    /// The second where the first is true, else the third.
    case select(RecordID, RecordID, RecordID)
    /// The first at the place along some axes that the second says.
    case lookUp(RecordID, along: [AxisID], at: RecordID)
    /// The same elements with the axes of the second list for those of the first.
    case regroup(RecordID, from: [AxisID], to: [AxisID])
    case reduce(
      ReductionKind, over: [AxisID], windows: [Term.Window], RecordID, where: RecordID?)
    /// A reduction over ranks: of the elements of this operand and of those of the other ranks.
    case merge(Term.Reduction, RecordID, where: RecordID?)
    /// The value whose derivative a gradient block replaces, by its place in `Phase.gradients`.
    case replaced(block: Int)
  }
}
