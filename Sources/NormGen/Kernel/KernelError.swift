/// Why a kernel was not made or not called. A call that throws has written nothing.
public enum KernelError: Error, Hashable, Sendable {
  /// The options do not fit the norm, for this reason.
  case options(String)
  /// The generated C did not become code, for this reason.
  case compilation(String)
  /// The norm has no such function.
  case noFunction(String)
  /// A size that is neither given nor follows from the length of an array.
  case missingSize(String)
  case unknownSize(String, known: [String])
  case negativeSize(String, Int)
  /// The first size must be a multiple of the second, which is not 0.
  case notDivisible(String, Int, by: String, Int)
  /// An array of these sizes cannot be addressed.
  case tooLarge(argument: String)
  /// An array or value that the function reads.
  case missingArgument(String)
  case unknownArgument(String, known: [String])
  /// Lengths in elements.
  case wrongLength(argument: String, expected: Int, actual: Int)
  case wrongType(argument: String, expected: String, actual: String)
  /// An array whose address is no multiple of its element's alignment.
  case misaligned(argument: String)
  /// An output that was given to be read only.
  case notWritable(argument: String)
  case outOfMemory(bytes: Int)
  /// As many threads cannot be started.
  case noThreads(Int)
  /// Partial results did not reach the other processes, for this reason.
  case transport(String)
  /// What the C function returned, with its own text.
  case status(function: String, code: Int, text: String)
}

extension KernelError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .options(let reason), .compilation(let reason): reason
    case .transport(let reason): "partial results were not exchanged: \(reason)"
    case .noFunction(let name): "there is no \(name)"
    case .missingSize(let name): "the size \(name) is missing"
    case .unknownSize(let name, let known):
      "there is no size \(name); there are \(listed(known))"
    case .negativeSize(let name, let size): "the size \(name) is \(size), which is negative"
    case .notDivisible(let name, let size, let divisor, let number):
      "\(name) = \(size) is no multiple of \(divisor) = \(number)"
    case .tooLarge(let argument): "\(argument) is too large to be addressed"
    case .missingArgument(let name): "\(name) is missing"
    case .unknownArgument(let name, let known):
      "there is no argument \(name); there are \(listed(known))"
    case .wrongLength(let argument, let expected, let actual):
      "\(argument) has \(actual) elements, but must have \(expected)"
    case .wrongType(let argument, let expected, let actual):
      "\(argument) is \(actual), but must be \(expected)"
    case .misaligned(let argument): "\(argument) is not aligned to its elements"
    case .notWritable(let argument): "\(argument) is written to, but was given to be read"
    case .outOfMemory(let bytes): "there are no \(bytes) bytes of memory for the workspace"
    case .noThreads(let count):
      "\(count) threads cannot be started; 1 to \(Kernel.Threads.limit) can, if the system agrees"
    case .status(let function, let code, let text): "\(function): \(text) (status \(code))"
    }
  }
}

private func listed(_ names: [String]) -> String {
  names.isEmpty ? "none" : names.joined(separator: ", ")
}
