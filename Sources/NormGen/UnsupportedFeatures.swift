import Syntax

extension CheckedNorm {
  /// - Throws: `InputError` if the norm uses a part of the language that is not compiled yet; the
  ///   interpreter runs it.
  func checkIsCompiled() throws(InputError) {
    guard let feature = uncompiledFeature else { return }
    throw InputError("\(name): \(feature) is not supported yet by the compiler")
  }

  private var uncompiledFeature: String? {
    for axis in axes {
      if case .share = axis.extent { return "'group … as'" }
    }
    return terms.lazy.compactMap(\.uncompiledFeature).first
  }

  /// The right sides of all equations.
  private var terms: [Term] {
    let ofPhases = [train, eval].flatMap { phase in
      let blocks = phase.gradients.flatMap { $0.equations + $0.contributions + $0.updates }
      return phase.equations + phase.updates + blocks
    }
    let ofEvents = events.flatMap { $0.shared + $0.equations + $0.updates }
    return (ofPhases + ofEvents).map(\.term)
  }
}

extension Term {
  fileprivate var uncompiledFeature: String? {
    if isOverRanks { return "'ranks'" }
    if case .reduce(let reduction) = form, !reduction.windows.isEmpty { return "a window" }
    return form.operands.lazy.compactMap(\.uncompiledFeature).first
  }
}
