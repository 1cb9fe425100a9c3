/// What is wrong with the input of a call; nothing was computed.
package enum InterpreterError: Error, Hashable, Sendable, CustomStringConvertible {
  /// A size of the head that the caller did not give.
  case missingSize(String)
  case negativeSize(String, Int)
  /// The first size is no multiple of the second.
  case indivisible(String, Int, by: String, Int)
  /// The sizes have more places than can be counted.
  case sizesTooLarge
  /// A tensor, mask, or scalar without a default that the caller did not give.
  case missingValue(String)
  /// A name that stands for nothing that a caller may give.
  case unknownName(String)
  case wrongLength(String, expected: Int, found: Int)
  case unknownEvent(String)
  /// A reduction over ranks whose result has another size on another rank.
  case ranksDiffer
  /// An element of an index that is no integer from 0 to less than the extent of its axis.
  case indexOutOfRange(String, Double, extent: Int)

  package var description: String {
    switch self {
    case .missingSize(let name):
      "no size given for '\(name)'"
    case .negativeSize(let name, let size):
      "size '\(name)' is \(size); it must not be negative"
    case .indivisible(let whole, let size, let part, let divisor):
      "size '\(whole)' is \(size), which '\(part)', \(divisor), does not divide"
    case .sizesTooLarge:
      "the product of the sizes is too large"
    case .missingValue(let name):
      "no value given for '\(name)'"
    case .unknownName(let name):
      "nothing named '\(name)' can be given"
    case .indexOutOfRange(let name, let place, let extent):
      "'\(name)' has \(place); its places are 0 to less than \(extent)"
    case .ranksDiffer:
      "a reduction over ranks has results of different sizes"
    case .unknownEvent(let name):
      "there is no event '\(name)'"
    case .wrongLength(let name, let expected, let found):
      "'\(name)' has \(found) elements; its sizes want \(expected)"
    }
  }
}
