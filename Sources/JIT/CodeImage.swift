/// Compiled code in memory of its own, which is freed with it.
///
/// Keep the image alive for as long as an address of it is called.
/// `Sendable` since nothing in it changes: the memory is read-only once it exists.
package final class CodeImage: @unchecked Sendable {
  private let mapping: CodeMapping
  private let addresses: [String: UnsafeRawPointer]

  init(_ mapping: consuming CodeMapping, addresses: [String: UnsafeRawPointer]) {
    self.mapping = mapping
    self.addresses = addresses
  }

  /// Code that may stand anywhere, and begins with its first byte.
  ///
  /// - Throws: `.system` where there is no memory or the system forbids to make it executable.
  package init(holding code: [UInt8]) throws(JITError) {
    let mapping = try CodeMapping(atLeast: max(code.count, 1))
    code.withUnsafeBytes { bytes in
      guard let start = bytes.baseAddress else { return }
      mapping.start.copyMemory(from: start, byteCount: bytes.count)
    }
    try mapping.seal()
    self.mapping = mapping
    addresses = [:]
  }

  /// The address of the first byte.
  package var start: UInt { UInt(bitPattern: mapping.start) }

  /// The bytes of memory that the code and its constants take, in whole pages.
  package var byteCount: Int { mapping.byteCount }

  /// The address of an exported function; `nil` for a name that was not asked for.
  package func address(of symbol: String) -> UnsafeRawPointer? { addresses[symbol] }
}
