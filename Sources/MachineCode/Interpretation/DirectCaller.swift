/// Calls a function of a library without compiling it.
///
/// - Parameters:
///   - name: that of a function of one pointer, which returns an integer.
///   - library: holds it, and what it calls and mentions but kernels.
///   - linkage: what it calls by address.
/// - Returns: `nil`, and nothing is done, where it holds what only compiled functions do.
/// - Throws: where the function is not C.
package func directCall(
  of name: String, in library: Library, _ argument: UnsafeRawPointer, linkage: Linkage
) throws(Unsupported) -> Int64? {
  var check = DirectCheck(library)
  guard let symbol = library.symbol(known: name), check.holds(symbol),
    let function = library.function(symbol)
  else { return nil }
  var call = DirectCall(library, linkage)
  let address = DirectValue.pointer(UInt(bitPattern: argument), .pointer(to: .void))
  guard case .integer(let result, _) = try call.value(of: function, [address]) else {
    throw Unsupported("a function without a result")
  }
  return result
}
