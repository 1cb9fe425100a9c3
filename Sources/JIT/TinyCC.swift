import CTinyCC

/// Compiles C text in memory with TinyCC, in well under a millisecond for a small kernel.
///
/// The text is self-contained: no `#include`, prototypes of its own for the few functions that
/// `importedFunctions` lists, no static data that it writes to. A warning is an error. Any number
/// of threads may compile at once; TinyCC takes them one by one.
///
/// - Parameter symbols: the addresses of what the text declares and does not define.
/// - Returns: the code with the addresses of `exports`.
/// - Throws: `.refused` for text that nests too deep or is too long, `.compilation` with TinyCC's
///   messages, `.undefinedSymbols` for what the text or `exports` names and nothing defines,
///   `.system` where there is no memory or the system forbids to make it executable.
package func compile(
  _ source: String, exports: [String], symbols: [String: UInt] = [:]
) throws(JITError) -> CodeImage {
  let openTokens = try refusePathological(source)
  _ = warmUp
  if openTokens <= SourceLimit.openTokensOfAnyStack {
    return try compiled(source, exports: exports, symbols)
  }
  let result: Result<CodeImage, JITError> = try onDeepStack {
    Result { () throws(JITError) in try compiled(source, exports: exports, symbols) }
  }
  return try result.get()
}

/// One compilation before all others: TinyCC creates its lock in the first one, without a lock.
private let warmUp: Void = {
  guard let state = tcc_new() else { return }
  defer { tcc_delete(state) }
  tcc_set_options(state, "-nostdlib")
  tcc_set_output_type(state, TCC_OUTPUT_MEMORY)
  tcc_compile_string(state, "int normgen_warm_up;")
}()

private func compiled(
  _ source: String, exports: [String], _ symbols: [String: UInt]
) throws(JITError) -> CodeImage {
  guard let state = tcc_new() else { throw .system("no memory for TinyCC") }
  defer { tcc_delete(state) }
  let messages = Messages()
  return try withExtendedLifetime(messages) { () throws(JITError) in
    tcc_set_error_func(state, Unmanaged.passUnretained(messages).toOpaque(), collectMessage)
    // Constant text only: TinyCC ends the process for an option that it does not know.
    tcc_set_options(state, "-nostdlib -nostdinc -Wall -Werror")
    tcc_set_output_type(state, TCC_OUTPUT_MEMORY)
    for function in importedFunctions { tcc_add_symbol(state, function.name, function.address) }
    for (name, address) in symbols {
      tcc_add_symbol(state, name, UnsafeRawPointer(bitPattern: address))
    }
    guard tcc_compile_string(state, source) == 0 else { throw .compilation(messages.text) }
    return try relocated(state, exports: exports, messages: messages)
  }
}

/// Places what `state` has compiled in memory of our own. (In memory that TinyCC allocates, pages
/// of the heap would stay executable for ever.)
private func relocated(
  _ state: OpaquePointer, exports: [String], messages: Messages
) throws(JITError) -> CodeImage {
  let byteCount = tcc_relocate(state, nil)
  guard byteCount > 0 else { throw .undefinedSymbols(messages.text) }
  let mapping = try CodeMapping(atLeast: Int(byteCount))
  try mapping.open()
  guard tcc_relocate(state, mapping.start) == 0 else { throw .undefinedSymbols(messages.text) }
  try mapping.seal()
  var addresses: [String: UnsafeRawPointer] = [:]
  for name in exports {
    guard let address = tcc_get_symbol(state, name) else { throw .undefinedSymbols(name) }
    addresses[name] = UnsafeRawPointer(address)
  }
  return CodeImage(mapping, addresses: addresses)
}

/// TinyCC's messages about one compilation, a line each.
private final class Messages {
  private(set) var text = ""

  func append(_ message: String) {
    text += text.isEmpty ? message : "\n" + message
  }
}

private func collectMessage(
  _ messages: UnsafeMutableRawPointer?, _ text: UnsafePointer<CChar>?
) {
  guard let messages, let text else { return }
  Unmanaged<Messages>.fromOpaque(messages).takeUnretainedValue().append(String(cString: text))
}
