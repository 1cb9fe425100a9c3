import Glibc

/// A loaded shared library, which is unloaded with it.
///
/// `Sendable` since the handle does not change and `dlsym` may be called by any thread.
package final class SharedLibrary: @unchecked Sendable {
  private let handle: UnsafeMutableRawPointer

  /// Loads the file, with its symbols hidden from other libraries; it may be deleted afterwards.
  ///
  /// - Throws: `.undefinedSymbols` with the loader's sentence.
  package init(path: String) throws(JITError) {
    guard let handle = dlopen(path, RTLD_NOW | RTLD_LOCAL) else {
      throw .undefinedSymbols(dlerror().map { String(cString: $0) } ?? path)
    }
    self.handle = handle
  }

  /// The address of an exported function; `nil` if there is none of that name.
  package func address(of symbol: String) -> UnsafeRawPointer? {
    dlsym(handle, symbol).map { UnsafeRawPointer($0) }
  }

  deinit { dlclose(handle) }
}
