import Glibc
import Synchronization

/// A thread that does one piece of work after the other.
///
/// To start a thread takes its starter about as long as the first machine code for which a helper
/// has one, so a thread that has nothing to do waits a second for the next piece before it ends.
/// `Sendable` since any thread may use a semaphore.
final class HelperThread: @unchecked Sendable {
  private let work: Mutex<Helper.Work?>
  private let wakening: UnsafeMutablePointer<sem_t>
  private let process = getpid()

  private init(_ work: @escaping Helper.Work) {
    self.work = Mutex(work)
    wakening = .allocate(capacity: 1)
    sem_init(wakening, 0, 0)
  }

  deinit {
    sem_destroy(wakening)
    wakening.deallocate()
  }

  /// Does some work on another thread; `false` if the system refuses one.
  static func begin(_ work: @escaping Helper.Work) -> Bool {
    // A process that was forked off may never get the lock, and lacks the threads.
    while let thread = idle.withLockIfAvailable({ $0.popLast() }) ?? nil {
      guard thread.process == getpid() else { continue }
      thread.work.withLock { $0 = work }
      sem_post(thread.wakening)
      return true
    }
    return HelperThread(work).isStarted()
  }

  private func isStarted() -> Bool {
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    defer { pthread_attr_destroy(&attributes) }
    pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
    // The default is what the shell's limit says: 2 MB where it says none.
    pthread_attr_setstacksize(&attributes, deepStackBytes)
    // Signals belong to the threads of the program.
    var (all, callers) = (sigset_t(), sigset_t())
    sigfillset(&all)
    pthread_sigmask(SIG_SETMASK, &all, &callers)
    defer { pthread_sigmask(SIG_SETMASK, &callers, nil) }
    var thread = pthread_t()
    let context = Unmanaged.passRetained(self)
    if pthread_create(&thread, &attributes, runThread, context.toOpaque()) == 0 { return true }
    context.release()
    return false
  }

  fileprivate func run() {
    while let next = work.withLock({ $0.take() }) {
      next()
      guard idle.withLockIfAvailable({ $0.append(self) }) != nil else { return }
      wait()
    }
  }

  /// Returns when there is work, or there has been none for a second and nobody will bring any.
  private func wait() {
    var end = timespec()
    clock_gettime(CLOCK_REALTIME, &end)
    end.tv_sec += 1
    while sem_timedwait(wakening, &end) != 0 {
      if errno == EINTR || !idle.withLock({ $0.remove(self) }) { continue }
      return
    }
  }
}

/// The threads that have nothing to do.
private let idle = Mutex<[HelperThread]>([])

extension [HelperThread] {
  /// Removes a thread; `false` if it was not there.
  fileprivate mutating func remove(_ thread: HelperThread) -> Bool {
    guard let place = firstIndex(where: { $0 === thread }) else { return false }
    remove(at: place)
    return true
  }
}

private func runThread(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
  guard let context else { return nil }
  Unmanaged<HelperThread>.fromOpaque(context).takeRetainedValue().run()
  return nil
}
