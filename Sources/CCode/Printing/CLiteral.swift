/// The text of literals.
enum CLiteral {
  /// `value` as an `int`, or as a `long long` where it is no `int`.
  static func integer(_ value: Int64) -> String {
    if value == .min { return "(-\(Int64.max)LL - 1)" }
    if value == Int64(Int32.min) { return "(-\(Int32.max) - 1)" }
    return Int32(exactly: value) == nil ? "\(value)LL" : "\(value)"
  }

  static func size(_ value: Int) -> String {
    precondition(value >= 0, "C printer: a size is never negative")
    return Int32(exactly: value) == nil ? "\(value)ull" : "\(value)"
  }

  static func float(_ value: Float) -> String {
    if value.isNaN { return "NAN" }
    if value.isInfinite { return value < 0 ? "-INFINITY" : "INFINITY" }
    return digits(value.description) + "f"
  }

  static func double(_ value: Double) -> String {
    if value.isNaN { return "(double)NAN" }
    if value.isInfinite { return value < 0 ? "-(double)INFINITY" : "(double)INFINITY" }
    return digits(value.description)
  }

  static func string(_ value: String) -> String {
    var text = "\""
    for byte in value.utf8 {
      switch byte {
      case UInt8(ascii: "\""): text += "\\\""
      case UInt8(ascii: "\\"): text += "\\\\"
      case UInt8(ascii: "\n"): text += "\\n"
      // A question mark could begin a trigraph.
      case UInt8(ascii: "?"): text += "\\?"
      case 0x20..<0x7f: text.unicodeScalars.append(Unicode.Scalar(byte))
      default:
        let octal = String(byte, radix: 8)
        text += "\\" + String(repeating: "0", count: 3 - octal.count) + octal
      }
    }
    return text + "\""
  }

  /// Swift's shortest digits that give the value again, with an exponent as people write it:
  /// `1e-05` is `1e-5`.
  private static func digits(_ description: String) -> String {
    let parts = description.split(separator: "e", maxSplits: 1)
    guard parts.count == 2, let exponent = Int(parts[1]) else { return description }
    return "\(parts[0])e\(exponent)"
  }
}
