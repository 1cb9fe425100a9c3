import NormGen

@testable import JIT

/// The floating-point mode of the calling thread, MXCSR: C is needed to set it.
struct FloatMode {
  private let library: SharedLibrary
  private let setMode: @convention(c) (UInt32) -> UInt32

  /// Denormals are zero (bit 6) and results flush to zero (bit 15), as `-ffast-math` sets them;
  /// rounding towards zero (bits 13 and 14).
  static let flushing: UInt32 = 0x1F80 | 0x8040
  static let truncating: UInt32 = 0x1F80 | 0x6000

  init() throws {
    library = try SystemCompiler(command: "gcc", flags: ["-O1"]).compile([
      (
        "float_mode.c",
        """
        #include <xmmintrin.h>
        unsigned set_mode(unsigned mode) {
          const unsigned before = _mm_getcsr();
          _mm_setcsr(mode);
          return before;
        }
        """
      )
    ])
    guard let address = library.address(of: "set_mode") else { throw MissingNorm(name: "set_mode") }
    setMode = unsafeBitCast(address, to: (@convention(c) (UInt32) -> UInt32).self)
  }

  /// What `body` returns in the mode `mode`, and the mode that it leaves behind.
  func running<Result>(
    in mode: UInt32, _ body: () throws -> Result
  ) rethrows -> (result: Result, mode: UInt32) {
    let before = setMode(mode)
    do {
      let result = try body()
      return (result, setMode(before))
    } catch {
      _ = setMode(before)
      throw error
    }
  }
}
