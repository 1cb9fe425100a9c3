import Syntax

extension CheckedNorm {
  /// - Throws: `InputError` if the norm uses a part of the language that is not compiled yet; the
  ///   interpreter runs it.
  func checkIsCompiled() throws(InputError) {
    guard let feature = uncompiledFeature else { return }
    throw InputError("\(name): \(feature) is not supported yet by the compiler")
  }

  private var uncompiledFeature: String? {
    if !events.isEmpty { return "'event'" }
    for value in values {
      if case .index = value.kind { return "'index … of'" }
    }
    return nil
  }
}
