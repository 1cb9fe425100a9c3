/// Callable code, wherever it came from. It is freed when nothing refers to it any more.
package enum LoadedCode: Sendable {
  case image(CodeImage)
  case library(SharedLibrary)

  /// The address of an exported function.
  package func address(of symbol: String) -> UnsafeRawPointer? {
    switch self {
    case .image(let image): image.address(of: symbol)
    case .library(let library): library.address(of: symbol)
    }
  }
}
