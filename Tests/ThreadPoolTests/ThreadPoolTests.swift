import Basics
import Foundation
import Synchronization
import Testing
import ThreadPool

/// Each piece of a run is run once, whoever does it.
@Suite struct ThreadPoolTests {
  @Test(arguments: [1, 2, 3, 7])
  func thousandsOfRunsRunEachPieceOnce(threads: Int) throws {
    let pool = try #require(Pool(threads: threads))
    var random = SplitMix64(seed: UInt64(threads))
    for run in 0..<5000 {
      // Also more than threads take at once; long enough for others to join, or too short.
      let pieces = Int.random(in: 0...(run % 50 == 0 ? 5000 : 40), using: &random)
      let turns = run % 20 == 0 ? 2000 : Int.random(in: 0..<50, using: &random)
      let hits = Hits(pieces)
      pool.run(pieces) { piece in
        spend(pieces > 1000 ? 1 : turns)
        hits.note(piece)
      }
      #expect(hits.areAllOne, "run \(run) of \(pieces) pieces, \(turns) turns")
      // From time to time all fall asleep.
      if run % 500 == 0 { usleep(200) }
    }
  }

  @Test func callersThatShareAPoolDoNotMixTheirPieces() throws {
    let pool = try #require(Pool(threads: 3))
    let wrong = Mutex(0)
    let group = DispatchGroup()
    for caller in 0..<8 {
      group.enter()
      Thread.detachNewThread {
        var random = SplitMix64(seed: UInt64(caller))
        for _ in 0..<500 {
          let pieces = Int.random(in: 0...60, using: &random)
          let hits = Hits(pieces)
          pool.run(pieces) { piece in
            spend(20)
            hits.note(piece)
          }
          if !hits.areAllOne { wrong.withLock { $0 += 1 } }
        }
        group.leave()
      }
    }
    group.wait()
    #expect(wrong.withLock { $0 } == 0)
  }

  @Test func aPieceMayRunPiecesItself() throws {
    let pool = try #require(Pool(threads: 2))
    let outer = Hits(20)
    let inner = (0..<20).map { _ in Hits(30) }
    pool.run(20) { piece in
      pool.run(30) { inner[piece].note($0) }
      outer.note(piece)
    }
    #expect(outer.areAllOne)
    #expect(inner.allSatisfy { $0.areAllOne })
  }

  @Test func threadsThatSleepTakePart() throws {
    let pool = try #require(Pool(threads: 3))
    let most = (0..<20).reduce(0) { most, _ in
      if most == 3 { return most }
      // Long enough for threads to fall asleep.
      usleep(2000)
      let threads = Mutex<Set<UInt>>([])
      pool.run(12) { _ in
        usleep(1000)
        threads.withLock { _ = $0.insert(UInt(pthread_self())) }
      }
      return max(most, threads.withLock { $0.count })
    }
    #expect(most == 3)
  }

  @Test func poolsThatEndLeaveNoThread() throws {
    let before = try threadCount()
    for round in 0..<300 {
      let pool = try #require(Pool(threads: 4))
      if round % 2 == 0 { pool.run(20) { _ in spend(100) } }
    }
    // Other tests start threads meanwhile, but not hundreds.
    try #expect(threadCount() < before + 100)
  }

  @Test func aPoolOfNoOrTooManyThreadsIsNotMade() {
    #expect(thread_pool_create(0) == nil)
    #expect(thread_pool_create(-1) == nil)
    #expect(thread_pool_create(Int(THREAD_POOL_LIMIT) + 1) == nil)
    thread_pool_destroy(nil)
  }

  @Test func thereIsAProcessor() {
    #expect((1...ProcessInfo.processInfo.processorCount).contains(thread_pool_processors()))
  }

  private func threadCount() throws -> Int {
    try FileManager.default.contentsOfDirectory(atPath: "/proc/self/task").count
  }
}
