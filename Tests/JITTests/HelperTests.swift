import Basics
import Foundation
import JIT
import Synchronization
import Testing
import ThreadPool

/// Work that a helper may do before others need it.
@Suite struct HelperTests {
  @Test func aValueIsMadeOnceHoweverManyThreadsAskForIt() {
    for round in 0..<50 {
      let count = Atomic(0)
      let value = Once { count.add(1, ordering: .relaxed).newValue * 1000 + round }
      let found = Mutex<Set<Int>>([])
      DispatchQueue.concurrentPerform(iterations: 16) { place in
        if place % 3 == 0 { value.begin() }
        let seen = value.value
        found.withLock { _ = $0.insert(seen) }
      }
      #expect(found.withLock { $0 } == [1000 + round])
    }
  }

  @Test func aValueIsNotMadeBeforeItIsAskedForOrBegun() {
    let count = Atomic(0)
    let value = Once { count.add(1, ordering: .relaxed).newValue }
    #expect(count.load(ordering: .relaxed) == 0)
    value.begin()
    #expect(count.load(ordering: .relaxed) == 1)
    #expect(value.value == 1)
  }

  @Test func aHelperDoesItsWorkInOrderOrNone() throws {
    var completed = 0
    // Those of other tests may take the processors for a while.
    for _ in 0..<5000 where completed < 20 {
      let helper = Helper()
      let done = Mutex<[Int]>([])
      helper.begin((0..<5).map { number in { done.withLock { $0.append(number) } } })
      // While the helper looks for its next work, it cannot be told from one that has none.
      try waitUntil { !helper.isAtWork && [0, 5].contains(done.withLock { $0.count }) }
      let numbers = done.withLock { $0 }
      #expect([[], [0, 1, 2, 3, 4]].contains(numbers))
      if numbers.isEmpty { usleep(2000) } else { completed += 1 }
    }
    #expect(completed == 20 || thread_pool_processors() == 1)
  }

  @Test func whatIsAskedForLastIsDoneFirstUnlessItMayWait() throws {
    for _ in 0..<5000 {
      let helper = Helper()
      let done = Mutex<[String]>([])
      let hasBegun = Atomic(false)
      let mayGoOn = Atomic(false)
      let note = { @Sendable (name: String) in done.withLock { $0.append(name) } }
      helper.begin([
        {
          hasBegun.store(true, ordering: .releasing)
          while !mayGoOn.load(ordering: .acquiring) { usleep(10) }
          note("first")
        },
        { note("second") },
      ])
      guard helper.isAtWork else {
        usleep(2000)
        continue
      }
      try waitUntil { hasBegun.load(ordering: .acquiring) }
      helper.begin([{ note("third") }, { note("fourth") }])
      helper.begin([{ note("fifth") }, { note("sixth") }], .last)
      mayGoOn.store(true, ordering: .releasing)
      try waitUntil { !helper.isAtWork && done.withLock { $0.count } == 6 }
      #expect(done.withLock { $0 } == ["first", "third", "fourth", "second", "fifth", "sixth"])
      return
    }
    #expect(thread_pool_processors() == 1, "no helper has come")
  }
}

/// Returns when `condition` holds.
private func waitUntil(_ condition: () -> Bool) throws {
  for _ in 0..<1_000_000 {
    if condition() { return }
    usleep(10)
  }
  throw TookTooLong()
}

private struct TookTooLong: Error {}
