import Basics
import CCode
import LoopIR
import MachineCode
import Passes
import Synchronization

/// What public functions call and mention, by number type, read once.
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
  private let file: FileCode
  private let interface: KernelInterface
  private let target: Target
  /// The functions by place, in their packed form; the last tells the size of the workspace.
  private let symbols: [String]
  private let known: Mutex<Known>

  /// The functions that are known by now, with all that they call.
  private struct Known {
    var library: Library
    /// By place.
    var functions: Set<Int> = []
  }

  /// - Parameter file: holds the functions of `interface`.
  init(_ file: FileCode, _ interface: KernelInterface, _ target: Target) {
    (self.file, self.interface, self.target) = (file, interface, target)
    pieces = file.pieces
    symbols = (file.entrySymbols + [interface.workspaceSymbol]).map(packedSymbol)
    known = Mutex(Known(library: helpers[file.type.prelude] ?? Library()))
  }

  /// The code of the function of a place, with all that it calls.
  private func library(_ place: Int) -> Library {
    known.withLock { known in
      if known.functions.isEmpty { known.library.add(file.entryItems) }
      if known.functions.insert(place).inserted { known.library.add(items(place)) }
      return known.library
    }
  }

  private func items(_ place: Int) -> [CItem] {
    if place == symbols.count - 1 {
      let function = packedByteCount(interface.workspaceSymbol, interface)
      return file.workspaceItems + [.function(function)]
    }
    let function = interface.allFunctions.first { packedSymbol($0.symbol) == symbols[place] }
    return file.entry(place) + (function.map { [.function(packed($0))] } ?? [])
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
    return try machineCode(of: symbol, in: library(place), for: target, linkage: linkage)
  }

  /// What a function in its packed form answers, without being compiled; `nil` if it must be.
  ///
  /// Its parameters are those of `code`.
  func call(
    _ symbol: String, _ arguments: UnsafeRawPointer, kernels: UInt, count: Int
  ) throws(Unsupported) -> Int64? {
    guard let place = symbols.firstIndex(of: symbol) else { return nil }
    return try directCall(
      of: symbol, in: library(place), arguments, linkage: linkage(kernels, count))
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
    try machineCode(of: pieces[place].name, in: library(pieces[place].function), for: target)
  }
}
