import Basics

extension NormChecker {
  /// Resolves `value[index]`.
  mutating func resolveLookUp(
    of value: Identifier, by index: Identifier, at span: SourceSpan,
    in context: ExpressionContext
  ) -> Resolved? {
    if context.locals[index.text] == nil, scope[index.text] == nil,
      axes.entries[index.text] != nil
    {
      log.report(.axisAsIndex(index.text, of: value.text, at: span))
      return nil
    }
    let (array, place) = (resolve(value, in: context), resolve(index, in: context))
    guard var array, var place else { return nil }
    guard case .value(let id) = place.term.form,
      case .index(of: let along) = values[id.index].value.kind
    else {
      log.report(.noIndex(index.text, at: index.span))
      return nil
    }
    let name = axes.names(of: along)
    guard along.allSatisfy(array.term.axes.contains) else {
      log.report(.noAxisToPick(value.text, name, by: index.text, at: value.span))
      return nil
    }
    guard Set(place.term.axes).isDisjoint(with: along) else {
      log.report(.indexAlongItself(index.text, name, at: index.span))
      return nil
    }
    let operands = aligned([array, place])
    (array, place) = (operands[0], operands[1])
    var result = Resolved(
      .lookUp(array.term, along: along, at: place.term), over: [array, place],
      as: array.term.isCondition ? .condition : .number)
    result.term.axes.removeAll(where: along.contains)
    result.isPlain = false
    return result
  }
}
