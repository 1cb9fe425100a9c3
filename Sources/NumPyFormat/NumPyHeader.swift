/// The header of a `.npy` file: a Python dictionary of three entries.
///
///     header ::= "{" entry { "," entry } [ "," ] "}"
///     entry  ::= "'descr'" ":" string | "'fortran_order'" ":" truth | "'shape'" ":" tuple
///
/// Entries may come in any order, but each once; spaces may stand between all tokens.
struct NumPyHeader: Equatable {
  var type: NumPyType
  var order: ByteOrder
  var shape: [Int]

  /// The order of bytes in an element.
  enum ByteOrder: Equatable {
    case little, big
  }

  /// The bytes that a header may have: NumPy pads to 64 and allows 64 dimensions of 20 digits.
  static let maximumLength = 65_536

  /// The most dimensions that NumPy has.
  static let maximumRank = 64

  /// Python's text of a tuple: `()`, `(3,)`, `(3, 4)`.
  static func text(ofShape shape: [Int]) -> String {
    shape.count == 1
      ? "(\(shape[0]),)" : "(" + shape.map(String.init).joined(separator: ", ") + ")"
  }

  /// The product of the extents, or `nil` if so many elements cannot be addressed.
  var count: Int? {
    if shape.contains(0) { return 0 }
    var count = 1
    for extent in shape {
      let (product, overflow) = count.multipliedReportingOverflow(by: extent)
      if overflow { return nil }
      count = product
    }
    return count.multipliedReportingOverflow(by: type.size).overflow ? nil : count
  }

  /// Reads the text of a header.
  init(parsing text: [UInt8]) throws(HeaderProblem) {
    var parser = HeaderParser(text)
    let entries = try parser.entries()
    guard let descriptor = entries.descriptor else { throw .malformed("'descr' is missing") }
    guard let isFortran = entries.isFortran else {
      throw .malformed("'fortran_order' is missing")
    }
    guard let shape = entries.shape else { throw .malformed("'shape' is missing") }
    (type, order) = try Self.elementType(descriptor)
    if isFortran { throw .problem(.fortranOrder) }
    self.shape = shape
  }

  /// The type and the order of bytes that NumPy's code means: `<f8`, `|b1`.
  private static func elementType(
    _ descriptor: String
  ) throws(HeaderProblem) -> (NumPyType, ByteOrder) {
    guard let type = NumPyType(rawValue: String(descriptor.dropFirst())) else {
      throw .problem(.unknownType("'\(descriptor)'"))
    }
    switch descriptor.first {
    case "<": return (type, .little)
    case ">": return (type, .big)
    // NumPy writes what it has no name for without an order, as the machine has it.
    case "|" where type.size == 1 || type == .bfloat16: return (type, .little)
    default: throw .problem(.unknownType("'\(descriptor)'"))
    }
  }
}

/// Why a header was refused, before the file's name is known.
enum HeaderProblem: Error, Equatable {
  case problem(NumPyError.Problem)

  static func malformed(_ expectation: String) -> HeaderProblem {
    .problem(.malformedHeader(expectation))
  }
}
