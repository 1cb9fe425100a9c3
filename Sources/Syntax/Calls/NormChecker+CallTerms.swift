import Basics

extension NormChecker {
  /// A term of a callee, over the values and axes of the caller.
  func mapped(_ term: Term, of call: NormCall, by map: AxisMap) -> Term {
    let next = { (operand: Term) in mapped(operand, of: call, by: map) }
    switch term.form {
    case .number, .truth: return term
    case .value(let id):
      let own = call.values[id] ?? id
      return Term(
        .value(own), axes: values[own.index].value.axes.sorted(), isCondition: term.isCondition)
    case .size(let axes):
      return Term(.size(map.atoms(of: axes).sorted()), axes: [], isCondition: false)
    case .index(let axes):
      let atoms = map.atoms(of: axes)
      return Term(.index(atoms), axes: atoms.sorted(), isCondition: false)
    case .unary(let function, let x): return over(.unary(function, next(x)), as: term)
    case .binary(let function, let x, let y):
      return over(.binary(function, next(x), next(y)), as: term)
    case .compare(let comparison, let x, let y):
      return over(.compare(comparison, next(x), next(y)), as: term)
    case .not(let x): return over(.not(next(x)), as: term)
    case .logic(let connective, let x, let y):
      return over(.logic(connective, next(x), next(y)), as: term)
    case .select(let condition, let x, let y):
      return over(.select(next(condition), next(x), next(y)), as: term)
    case .regroup(let x, let from, let to):
      let (from, to) = (map.atoms(of: from), map.atoms(of: to))
      let operand = next(x)
      let axes = Set(operand.axes).subtracting(from).union(to).sorted()
      return Term(
        .regroup(operand, from: from, to: to), axes: axes, isCondition: term.isCondition)
    case .stopGradient(let x): return over(.stopGradient(next(x)), as: term)
    case .lookUp(let x, let along, let place):
      let atoms = map.atoms(of: along)
      var result = over(.lookUp(next(x), along: atoms, at: next(place)), as: term)
      result.axes.removeAll(where: atoms.contains)
      return result
    case .reduce(let reduction):
      let own = mapped(reduction, by: map, next)
      var result = over(.reduce(own), as: term)
      result.axes.removeAll { own.axes.contains($0) }
      result.axes = Set(result.axes + own.windows.flatMap(\.axes)).sorted()
      return result
    }
  }

  /// A reduction over the axes of the caller; `next` maps its operand and condition.
  private func mapped(
    _ reduction: Term.Reduction, by map: AxisMap, _ next: (Term) -> Term
  ) -> Term.Reduction {
    var own = reduction
    own.axes = map.atoms(of: reduction.axes).sorted()
    own.windows = reduction.windows.map {
      .init(axes: map.atoms(of: $0.axes), low: $0.low, high: $0.high)
    }
    own.operand = next(reduction.operand)
    own.condition = reduction.condition.map(next)
    return own
  }

  /// A term with the axes of its operands.
  private func over(_ form: Term.Form, as term: Term) -> Term {
    let axes = Set(form.operands.flatMap(\.axes)).sorted()
    return Term(form, axes: axes, isCondition: term.isCondition)
  }

  /// `true` iff `term` is made of literals, scalars, counters and sizes alone.
  func isPlain(_ term: Term) -> Bool {
    switch term.form {
    case .number, .truth, .size: true
    case .value(let id): values[id.index].isPlain
    case .index, .reduce, .lookUp, .regroup: false
    case .unary, .binary, .compare, .not, .logic, .select, .stopGradient:
      term.form.operands.allSatisfy(isPlain)
    }
  }

  /// The values that `term` reads, which are marked as read.
  mutating func reads(of term: Term, at span: SourceSpan) -> [EquationRecord.Read] {
    var found: [EquationRecord.Read] = []
    if case .value(let id) = term.form {
      values[id.index].isRead = true
      found.append(.init(value: id, span: span))
    }
    for operand in term.form.operands { found += reads(of: operand, at: span) }
    return found
  }
}
