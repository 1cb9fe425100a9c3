import Basics
import JIT
import LoopIR
import MachineCode
import Passes
import Synchronization

/// The public functions of a norm, in their packed form.
///
/// The first call of a function follows its statements, which is done before it could be compiled.
/// For the next, it is compiled to machine code, or, where it holds what is not, by TinyCC.
final class MachineEntries: Sendable {
  private typealias Made = Result<(address: UInt, image: CodeImage), JITError>

  /// What each status says, by its number.
  let statusTexts: [String]
  private let compiler: EntryCompiler
  private let kernels: MachineKernels
  private let functions: DeferredFunctions
  /// How often functions may still be called without being compiled.
  private let directCalls: Mutex<[String: Int]>
  private let made: [String: Once<Made>]

  /// - Parameter text: all functions in C, beside the table of kernels.
  /// - Throws: `.system` where there is no memory for code.
  init(
    _ file: FileCode, _ interface: KernelInterface, _ kernels: MachineKernels,
    text: @escaping @Sendable () -> String
  ) throws(JITError) {
    statusTexts = file.statusTexts
    let compiler = EntryCompiler(file, interface, kernels.target)
    (self.compiler, self.kernels) = (compiler, kernels)
    let functions = try kernels.deferred(with: compiler)
    self.functions = functions
    let symbols = exportedSymbols(of: interface)
    let inC = Once {
      Result { () throws(JITError) in
        try JIT.compile(text(), exports: symbols, symbols: ["kernels_plain": functions.table])
      }
    }
    let count = kernels.kernelNames.count
    var directCalls = Dictionary(
      uniqueKeysWithValues: interface.allFunctions.map { (packedSymbol($0.symbol), 1) })
    // Most calls come after one or two questions for it; each takes a tenth of compiling it.
    directCalls[packedSymbol(interface.workspaceSymbol)] = 8
    self.directCalls = Mutex(directCalls)
    made = Dictionary(
      uniqueKeysWithValues: symbols.map { symbol in
        let entry = Once {
          Made { () throws(JITError) in
            let code: [UInt8]
            do throws(Unsupported) {
              code = try compiler.code(of: symbol, kernels: functions.table, count: count)
            } catch {
              return try inC.value.get().function(symbol)
            }
            let image = try CodeImage(holding: code)
            return (image.start, image)
          }
        }
        return (symbol, entry)
      })
  }

  /// What a function answers without being compiled; `nil` if it is now, or must be.
  func directCall(
    _ symbol: String, _ arguments: UnsafeRawPointer
  ) throws(JITError) -> Int64? {
    let mayCall = directCalls.withLock { left in
      guard let count = left[symbol], count > 0 else { return false }
      left[symbol] = count - 1
      return true
    }
    guard mayCall else { return nil }
    if let next = compiler.place(likelyAfter: symbol) { kernels.begin(next, of: compiler) }
    let count = kernels.kernelNames.count
    do throws(Unsupported) {
      return try inStandardFloatMode { () throws(Unsupported) in
        try compiler.call(symbol, arguments, kernels: functions.table, count: count)
      }
    } catch {
      throw .compilation(error.description)
    }
  }

  /// The address of a function, which is made if it has not been.
  func address(of symbol: String) throws(JITError) -> UInt {
    guard let entry = made[symbol] else { throw .undefinedSymbols(symbol) }
    if let known = entry.ifMade { return try known.get().address }
    return try inStandardFloatMode { () throws(JITError) in try entry.value.get().address }
  }

  /// Why a kernel that was called did nothing, if one did.
  var failure: JITError? { functions.failure }
}

extension CodeImage {
  fileprivate func function(
    _ symbol: String
  ) throws(JITError) -> (address: UInt, image: CodeImage) {
    guard let address = address(of: symbol) else { throw .undefinedSymbols(symbol) }
    return (UInt(bitPattern: address), self)
  }
}
