import Glibc
import Synchronization

/// Who does some work that is to be done once.
package struct Claim: ~Copyable {
  /// `open`, `settled`, or the process of the thread that is at work.
  private let state = Atomic(open)

  private static let open: pid_t = 0
  private static let settled: pid_t = -1

  package init() {}

  /// `true` iff the work is done.
  package var isSettled: Bool { state.load(ordering: .acquiring) == Self.settled }

  /// `true` iff a thread is at work.
  package var isInWork: Bool {
    let seen = state.load(ordering: .relaxed)
    return seen != Self.settled && seen != Self.open
  }

  /// Whether the caller is the one to do the work; it must then call `settle`.
  package func take() -> Bool {
    state.compareExchange(expected: Self.open, desired: getpid(), ordering: .acquiring).exchanged
  }

  /// As above, but returns `false` only when the work is done.
  package func takeOrWait() -> Bool {
    var looks = 0
    while true {
      let seen = state.load(ordering: .acquiring)
      if seen == Self.settled { return false }
      // A process that was forked off lacks the thread that was at work.
      let process = getpid()
      if seen != process {
        let taken = state.compareExchange(
          expected: seen, desired: process, ordering: .acquiring)
        if taken.exchanged { return true }
      }
      looks += 1
      if looks < 100 { sched_yield() } else { usleep(20) }
    }
  }

  /// The work is not done, and no longer the caller's.
  package func release() { state.store(Self.open, ordering: .releasing) }

  /// The work is done.
  package func settle() { state.store(Self.settled, ordering: .releasing) }
}
