import Glibc

/// The stack of a thread that compiles: 4 KB for each token that `refusePathological` lets stay
/// open. Pages that are not touched cost nothing.
let deepStackBytes = SourceLimit.openTokens * 4096

/// Returns what `body` returns, run on a thread whose stack holds the deepest text that is not
/// refused. The caller's thread may be one of a pool, with a stack of 512 KB.
func onDeepStack<Value: Sendable>(
  _ body: @escaping @Sendable () -> Value
) throws(JITError) -> Value {
  let task = Task(body)
  var attributes = pthread_attr_t()
  pthread_attr_init(&attributes)
  defer { pthread_attr_destroy(&attributes) }
  pthread_attr_setstacksize(&attributes, deepStackBytes)
  var thread = pthread_t()
  let context = Unmanaged.passUnretained(task).toOpaque()
  let failure = pthread_create(&thread, &attributes, runTask, context)
  guard failure == 0 else { throw .system("no thread to compile on: \(systemText(failure))") }
  pthread_join(thread, nil)
  guard let value = task.value as? Value else { throw .system("the compiling thread is lost") }
  return value
}

/// Work of another thread and, afterwards, its result. The threads never touch it at once: one
/// waits for the other.
private final class Task: @unchecked Sendable {
  private let body: @Sendable () -> any Sendable
  private(set) var value: (any Sendable)?

  init(_ body: @escaping @Sendable () -> any Sendable) { self.body = body }

  func run() { value = body() }
}

private func runTask(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
  guard let context else { return nil }
  Unmanaged<Task>.fromOpaque(context).takeUnretainedValue().run()
  return nil
}

/// The system's sentence about an error number.
func systemText(_ code: Int32) -> String {
  String(cString: strerror(code))
}
