import Basics

// What blocks of their own scope have in common: gradients and events.
extension NormChecker {
  /// Adds a name of the block's own; where it is taken, what reads it means this definition, and
  /// says nothing more.
  mutating func addLocal(
    _ name: Identifier, _ kind: Value.Kind, to locals: inout [String: ValueID]
  ) -> ValueID {
    checkName(name)
    let id = addValue(name, kind)
    let local = locals[name.text].map { values[$0.index].span }
    if let first = local ?? place(of: name.text) {
      log.report(.alreadyDefined(name.text, first: first, at: name.span))
      values[id.index].isBroken = true
    }
    locals[name.text] = id
    return id
  }

  /// Notes which values the expressions of a block read.
  mutating func findReads(of records: inout [EquationRecord], locals: [String: ValueID]) {
    for index in records.indices {
      records[index].reads = reads(of: records[index].expression, locals: locals)
    }
  }
}
