import Syntax

extension Options {
  /// Checks what the options say of a norm.
  ///
  /// - Throws: `InputError` for a size, scalar or tensor that the norm does not have, a size out of
  ///   range, sizes that do not divide, and a layout that is not an order of the tensor's axes.
  func check(for norm: CheckedNorm) throws(InputError) {
    if let parameters, parameters.computed != type.computed {
      throw InputError(
        "parameters cannot be \(parameters.rawValue) where tensors are \(type.rawValue): float64 "
          + "goes with float64 alone")
    }
    try checkDerivatives(of: norm)
    try norm.checkSettings(settings)
    for (name, size) in sizes.sorted(by: { $0.key < $1.key }) {
      try norm.checkSize(name, size)
      guard fixableSizes.contains(size) else {
        throw InputError(
          "the size \(name) is fixed at \(size); expected \(fixableSizes.lowerBound) to "
            + "\(fixableSizes.upperBound)")
      }
    }
    for axis in norm.axes {
      guard case .quotient(let whole, let part) = axis.extent,
        let size = sizes[norm.sizes[whole.index].name],
        let divisor = sizes[norm.sizes[part.index].name]
      else { continue }
      guard divisor > 0, size % divisor == 0 else {
        throw .indivisible(norm.sizes[whole.index], size, by: norm.sizes[part.index], divisor)
      }
    }
    try checkJoinedSizes(of: norm)
    _ = try laidOut(norm, layouts)
    if let prefix, !isIdentifier(prefix) {
      throw InputError("the prefix '\(prefix)' is no name in C: use letters, digits and _")
    }
  }

  /// Throws where all sizes of joined axes are fixed and do not divide.
  private func checkJoinedSizes(of norm: CheckedNorm) throws(InputError) {
    for axis in norm.axes {
      guard case .share(of: let parts, by: let part) = axis.extent else { continue }
      let names = parts.map { norm.sizes[$0.index].name }
      let fixed = names.compactMap { sizes[$0] }
      guard fixed.count == names.count, let divisor = sizes[norm.sizes[part.index].name] else {
        continue
      }
      let (product, overflows) = fixed.reduce((1, false)) { product, size in
        let (next, overflows) = product.0.multipliedReportingOverflow(by: size)
        return (next, overflows || product.1)
      }
      guard !overflows, divisor > 0, product % divisor == 0 else {
        throw .indivisible(
          Size(name: names.joined(separator: " * ")), product, by: norm.sizes[part.index], divisor)
      }
    }
  }

  /// The options that change the text, for the banner; empty where none is set.
  var text: String {
    var parts: [String] = type == .float32 ? [] : ["--type \(type.rawValue)"]
    if let parameters, parameters != type.computed {
      parts.append("--parameters \(parameters.rawValue)")
    }
    if derivatives != [.vjp] {
      let names = Derivative.allCases.filter(derivatives.contains).map(\.rawValue)
      parts.append("--derive \(names.joined(separator: ","))")
    }
    parts += sizes.sorted { $0.key < $1.key }.map { "--size \($0.key)=\($0.value)" }
    parts += settings.sorted { $0.key < $1.key }.map { "--set \($0.key)=\($0.value)" }
    parts += layouts.sorted { $0.key < $1.key }.map {
      "--layout \($0.key)=\($0.value.joined(separator: ","))"
    }
    parts += prefix.map { ["--prefix \($0)"] } ?? []
    return parts.joined(separator: " ")
  }

  private func isIdentifier(_ text: String) -> Bool {
    guard let first = text.utf8.first, !(48...57).contains(first) else { return false }
    return text.utf8.allSatisfy { byte in
      (65...90).contains(byte) || (97...122).contains(byte) || (48...57).contains(byte)
        || byte == 95
    }
  }
}

/// The sizes that can be fixed, which are those that a source can name.
private let fixableSizes = 1...(1 << 31)
