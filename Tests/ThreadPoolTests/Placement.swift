import Foundation

// Swift's Glibc has none of these: the headers declare them for `_GNU_SOURCE` alone.

typealias ThreadID = pid_t

/// What the system calls this thread.
func thisThread() -> ThreadID {
  typealias Function = @convention(c) () -> ThreadID
  return symbol("gettid", as: Function.self)()
}

/// The processor on which this thread runs.
func thisProcessor() -> Int32 {
  typealias Function = @convention(c) () -> Int32
  return symbol("sched_getcpu", as: Function.self)()
}

/// The processors that a thread may run on.
struct Mask: Equatable {
  private typealias Function =
    @convention(c) (ThreadID, Int, UnsafeMutableRawPointer?) -> Int32

  /// A bit for each.
  private var bits = [UInt8](repeating: 0, count: 128)

  init(of thread: ThreadID) {
    let get = symbol("sched_getaffinity", as: Function.self)
    bits.withUnsafeMutableBytes { _ = get(thread, $0.count, $0.baseAddress) }
  }

  init(only processor: Int32) { bits[Int(processor) / 8] = 1 << (processor % 8) }

  func without(_ processor: Int32) -> Mask {
    var others = self
    others.bits[Int(processor) / 8] &= ~(1 << (processor % 8))
    return others
  }

  func apply(to thread: ThreadID) {
    let set = symbol("sched_setaffinity", as: Function.self)
    var bits = bits
    bits.withUnsafeMutableBytes { _ = set(thread, $0.count, $0.baseAddress) }
  }
}

private func symbol<Function>(_ name: String, as type: Function.Type) -> Function {
  unsafeBitCast(dlsym(UnsafeMutableRawPointer(bitPattern: 0), name), to: type)
}
