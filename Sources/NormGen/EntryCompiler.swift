import Basics
import CCode
import LoopIR
import MachineCode
import Passes

/// The prelude's part of what public functions call and mention, by number type, read once.
private let helpers: [CComputeType: Library] = Dictionary(
  uniqueKeysWithValues: CComputeType.allCases.map {
    ($0, Library(ofNamesAnd: FileCode.entryHelpers($0)).shared())
  })

/// Compiles the public functions of a norm, in their packed form, to machine code.
///
/// A function holds all that it calls but kernels, which it finds in their table, and the pieces
/// that an executor runs, which stand behind the kernels in that table.
final class EntryCompiler: Sendable {
  /// The pieces of all functions by name, each with the place of its function.
  let pieces: [(name: String, function: Int)]
  private let target: Target
  /// The functions by place, in their packed form; the last tells the size of the workspace.
  private let symbols: [String]
  /// By place, a function with all that it calls.
  private let libraries: [Once<Library>]

  /// - Parameter file: holds the functions of `interface`.
  init(_ file: FileCode, _ interface: KernelInterface, _ target: Target) {
    self.target = target
    pieces = file.pieces
    let entries = file.entrySymbols
    symbols = (entries + [interface.workspaceSymbol]).map(packedSymbol)
    let shared = Once {
      (helpers[file.type.prelude] ?? Library()).adding(file.entryItems).shared()
    }
    libraries =
      entries.enumerated().map { place, symbol in
        Once { shared.value.adding(items(place, symbol, file, interface)) }
      } + [Once { shared.value.adding(workspaceItems(file, interface)) }]
  }

  /// Reads the function of a place, unless some thread has begun to.
  func begin(_ place: Int) {
    libraries[place].begin()
  }

  /// The place of the function that is likely to be called after another: after a forward, its
  /// backward.
  func place(likelyAfter symbol: String) -> Int? {
    symbols.dropLast(2).firstIndex(of: symbol).map { $0 + 1 }
  }

  /// The machine code of a function in its packed form.
  ///
  /// - Parameters:
  ///   - kernels: the address of the table of kernels and pieces.
  ///   - count: how many kernels it has.
  /// - Throws: where it holds what is not compiled.
  func code(of symbol: String, kernels: UInt, count: Int) throws(Unsupported) -> [UInt8] {
    guard let place = symbols.firstIndex(of: symbol) else {
      throw Unsupported("the function \(symbol)")
    }
    let linkage = linkage(kernels, count)
    return try machineCode(of: symbol, in: libraries[place].value, for: target, linkage: linkage)
  }

  /// What a function in its packed form answers, without being compiled; `nil` if it must be.
  ///
  /// Its parameters are those of `code`.
  func call(
    _ symbol: String, _ arguments: UnsafeRawPointer, kernels: UInt, count: Int
  ) throws(Unsupported) -> Int64? {
    guard let place = symbols.firstIndex(of: symbol) else { return nil }
    return try directCall(
      of: symbol, in: libraries[place].value, arguments, linkage: linkage(kernels, count))
  }

  private func linkage(_ kernels: UInt, _ count: Int) -> Linkage {
    var linkage = Linkage(kernels: kernels)
    for (place, piece) in pieces.enumerated() {
      linkage.functions[piece.name] = kernels + UInt(8 * (count + place))
    }
    return linkage
  }

  /// The machine code of a piece.
  func code(ofPiece place: Int) throws(Unsupported) -> [UInt8] {
    let piece = pieces[place]
    return try machineCode(of: piece.name, in: libraries[piece.function].value, for: target)
  }
}

private func items(
  _ place: Int, _ symbol: String, _ file: FileCode, _ interface: KernelInterface
) -> [CItem] {
  let function = interface.allFunctions.first { $0.symbol == symbol }
  return file.entry(place) + (function.map { [.function(packed($0))] } ?? [])
}

private func workspaceItems(_ file: FileCode, _ interface: KernelInterface) -> [CItem] {
  file.workspaceItems + [.function(packedByteCount(interface.workspaceSymbol, interface))]
}
