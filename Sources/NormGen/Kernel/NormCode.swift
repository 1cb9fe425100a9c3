import JIT
import LoopIR

/// Functions of a norm in their packed form, wherever they come from.
enum NormCode: Sendable {
  /// Compiled together from a text.
  case loaded(LoadedCode)
  /// Made one by one.
  case made(MachineEntries)

  /// The address of a function.
  ///
  /// - Throws: `.compilation` if there is none.
  func address(of symbol: String) throws(KernelError) -> UInt {
    switch self {
    case .loaded(let code):
      guard let address = code.address(of: symbol) else {
        throw .compilation("the generated C lacks \(symbol)")
      }
      return UInt(bitPattern: address)
    case .made(let entries):
      do { return try entries.address(of: symbol) } catch {
        throw .compilation(error.description)
      }
    }
  }

  /// What a function answers without being compiled; `nil` if it is, or must be.
  func directCall(
    _ symbol: String, _ arguments: UnsafePointer<UnsafeMutableRawPointer?>
  ) throws(KernelError) -> Int64? {
    guard case .made(let entries) = self else { return nil }
    do { return try entries.directCall(symbol, arguments) } catch {
      throw .compilation(error.description)
    }
  }

  /// Why a call did nothing, if one did.
  var failure: JITError? {
    switch self {
    case .loaded(let code): code.failure
    case .made(let entries): entries.failure
    }
  }

  /// What a status says; `nil` if nothing is known of it.
  func text(ofStatus status: CInt, _ interface: KernelInterface) -> String? {
    switch self {
    case .loaded(let code):
      guard let address = code.address(of: interface.statusTextSymbol) else { return nil }
      let text = unsafeBitCast(address, to: StatusText.self)(status)
      return text.map { String(cString: $0) }
    case .made(let entries):
      let texts = entries.statusTexts
      return texts.indices.contains(Int(status)) ? texts[Int(status)] : nil
    }
  }
}

private typealias StatusText = @convention(c) @Sendable (CInt) -> UnsafePointer<CChar>?
