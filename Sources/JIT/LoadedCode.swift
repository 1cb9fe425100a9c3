/// Callable code, wherever it came from. It is freed when nothing refers to it any more.
package enum LoadedCode: Sendable {
  /// The functions that its text calls and does not hold are made when they are first called.
  case image(CodeImage, DeferredFunctions? = nil)
  case library(SharedLibrary)

  /// The address of an exported function.
  package func address(of symbol: String) -> UnsafeRawPointer? {
    switch self {
    case .image(let image, _): image.address(of: symbol)
    case .library(let library): library.address(of: symbol)
    }
  }

  /// Why a call did nothing, if one did.
  package var failure: JITError? {
    switch self {
    case .image(_, let deferred): deferred?.failure
    case .library: nil
    }
  }
}
