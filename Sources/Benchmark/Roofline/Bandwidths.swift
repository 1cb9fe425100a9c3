import Glibc
import JIT
import NormGen

/// How fast this machine moves bytes, measured.
package struct Bandwidths: Sendable {
  /// A place that data is read from.
  package struct Level: Sendable {
    /// `L1`, `memory`.
    package var name: String
    /// In GB/s, of a plain sum.
    package var bandwidth: Double
  }

  /// The caches and the memory, from the fastest.
  package var levels: [Level] = []
  /// GB/s of `memcpy` by the bytes that it reads and writes together.
  package var copies: [(byteCount: Int, bandwidth: Double)] = []

  /// Reads and copies arrays of all sizes.
  ///
  /// - Parameters:
  ///   - seconds: the time that each of about twenty sizes may take.
  ///   - largest: the largest array, in bytes.
  /// - Throws: `InputError` if the machine has no compiler or too little memory.
  package init(seconds: Double, largest: Int = 512 << 20) throws {
    let reading = try ReadingLoop()
    for (name, size) in cacheSizes() {
      let byteCount = min(size, largest)
      let array = try ArrayMemory(byteCount: byteCount, order: 0)
      memset(array.start, 1, byteCount)
      let time = try Rounds(seconds: seconds).measure([reading.subject(array)])
      levels.append(Level(name: name, bandwidth: Double(byteCount) / time[0].median))
    }
    var byteCount = 8 << 10
    while byteCount <= largest {
      let time = try Rounds(seconds: seconds).measure([try Subject.copy(moving: byteCount)])
      copies.append((byteCount, Double(byteCount) / time[0].median))
      byteCount *= 2
    }
  }
}

/// What to read to measure each level, in bytes: half of a cache, a quarter of the last, which
/// other processes use, too, and many times the last.
private func cacheSizes() -> [(name: String, byteCount: Int)] {
  let caches = [
    ("L1", sysconf(Int32(_SC_LEVEL1_DCACHE_SIZE)), 32 << 10),
    ("L2", sysconf(Int32(_SC_LEVEL2_CACHE_SIZE)), 1 << 20),
    ("L3", sysconf(Int32(_SC_LEVEL3_CACHE_SIZE)), 16 << 20),
  ].map { name, size, usual in (name, size > 0 ? size : usual) }
  let last = caches[2].1
  return [("L1", caches[0].1 / 2), ("L2", caches[1].1 / 2), ("L3", last / 4)]
    + [("memory", max(8 * last, 256 << 20))]
}

/// A loop that reads an array as fast as the machine's compiler can make it.
private struct ReadingLoop {
  private let library: SharedLibrary
  private let sum: @convention(c) (UnsafeRawPointer, UInt) -> Float

  init() throws(InputError) {
    // Eight sums at once: with one, each addition would wait for the one before.
    let text = """
      #include <stddef.h>
      typedef float vector __attribute__((vector_size(64), aligned(64)));
      float sum(const vector *x, size_t n) {
        vector a = {0}, b = a, c = a, d = a, e = a, f = a, g = a, h = a;
        for (size_t i = 0; i + 8 <= n; i += 8) {
          a += x[i], b += x[i + 1], c += x[i + 2], d += x[i + 3];
          e += x[i + 4], f += x[i + 5], g += x[i + 6], h += x[i + 7];
        }
        a += b + c + d + e + f + g + h;
        float sum = 0;
        for (int i = 0; i < 16; i++) sum += a[i];
        return sum;
      }
      """
    let flags = ["-O3", "-march=native"]
    do {
      library = try SystemCompiler(command: "gcc", flags: flags).compile([("sum.c", text)])
    } catch {
      throw InputError("the C compiler of the system failed: \(error)")
    }
    guard let address = library.address(of: "sum") else {
      throw InputError("the C compiler of the system made no function")
    }
    sum = unsafeBitCast(address, to: (@convention(c) (UnsafeRawPointer, UInt) -> Float).self)
  }

  func subject(_ array: ArrayMemory) -> Subject {
    let (sum, library) = (sum, library)
    return Subject("read") { times in
      var total: Float = 0
      for _ in 0..<times { total += sum(array.start, UInt(array.byteCount / 64)) }
      // Otherwise the loop would be superfluous, and the library gone.
      withExtendedLifetime((library, total)) {}
    }
  }
}
