/// Why a file cannot be read as an array; its description is one sentence that names the file.
package struct NumPyError: Error, Equatable, CustomStringConvertible {
  /// The path, or what the user calls the source: `standard input`.
  package var file: String
  package var problem: Problem

  package init(file: String, problem: Problem) {
    self.file = file
    self.problem = problem
  }

  /// What is wrong with a file.
  package enum Problem: Equatable, Sendable {
    /// The system gave no bytes, for this reason.
    case unreadable(String)
    /// The first bytes are not those of the format.
    case otherFormat
    case unknownVersion(major: UInt8, minor: UInt8)
    /// The header has so many bytes, more than any that NumPy writes for the known types.
    case longHeader(bytes: Int)
    /// The file ends before its header does.
    case cutHeader
    /// The header is no dictionary of the expected form.
    case malformedHeader(String)
    /// The elements are of this type, which is none of `NumPyType`.
    case unknownType(String)
    case fortranOrder
    /// The product of the extents cannot be addressed.
    case tooLarge(shape: [Int])
    /// The file has fewer bytes of elements than its header promises.
    case cutShort(shape: [Int], type: NumPyType, found: Int)
    /// The file goes on after its last element.
    case surplus(shape: [Int], type: NumPyType)
    /// The file is no archive of arrays that are stored as they are.
    case malformedArchive(String)
  }

  package var description: String { "\(file): \(sentence)" }

  private var sentence: String {
    switch problem {
    case .unreadable(let reason):
      "cannot be read: \(reason)"
    case .otherFormat:
      "is not in NumPy's .npy format, which begins with the bytes 93 4E 55 4D 50 59"
    case .unknownVersion(let major, let minor):
      "has version \(major).\(minor) of NumPy's format; known are 1.0, 2.0 and 3.0"
    case .longHeader(let bytes):
      "has a header of \(bytes) bytes; expected at most \(NumPyHeader.maximumLength)"
    case .cutHeader:
      "is cut short: it ends inside its header"
    case .malformedHeader(let expectation):
      "has a malformed header: \(expectation)"
    case .unknownType(let descriptor):
      "has elements of type \(descriptor); expected one of "
        + NumPyType.allCases.map(\.name).joined(separator: ", ")
    case .fortranOrder:
      "is in Fortran order; expected C order (save numpy.ascontiguousarray(a))"
    case .tooLarge(let shape):
      "has the shape \(text(shape)), which is too large to address"
    case .cutShort(let shape, let type, let found):
      "is cut short: \(text(shape)) of \(type.name) takes \(shape.reduce(type.size, *)) bytes,"
        + " but only \(found) follow the header"
    case .surplus(let shape, let type):
      "goes on after the \(shape.reduce(type.size, *)) bytes of its \(text(shape))"
        + " of \(type.name); expected one array in a file"
    case .malformedArchive(let reason):
      "is no .npz archive of stored arrays: \(reason)"
    }
  }

  private func text(_ shape: [Int]) -> String { NumPyHeader.text(ofShape: shape) }
}
