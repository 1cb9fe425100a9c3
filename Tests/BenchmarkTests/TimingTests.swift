import Testing

@testable import Benchmark

/// What is made of measured times, and in which order they are measured.
@Suite struct TimingTests {
  @Test func quartilesAreInterpolated() {
    let timing = Timing([5, 1, 4, 2, 3])
    #expect(timing.median == 3 && timing.quartiles == (2, 4) && timing.spread == 2)
    #expect(Timing([1, 2]).median == 1.5)
    #expect(Timing([1, 2, 3, 4]).quartiles == (1.75, 3.25))
    #expect(Timing([7]).median == 7 && Timing([7]).spread == 0)
    #expect(Timing().median == 0)
  }

  @Test func moreMeasurementsCountLikeTheFirst() {
    var timing = Timing([9, 1])
    timing.append([4, 2, 3])
    #expect(timing == Timing([1, 2, 3, 4, 9]))
  }

  @Test func subjectsTakeTurns() throws {
    var log: [String] = []
    var rounds = Rounds(seconds: 0)
    rounds.leastRounds = 40
    // One call is a batch.
    rounds.batch = 0
    rounds.warmUp = 0
    let names = ["a", "b", "c"]
    let timings = try rounds.measure(names.map { name in Subject(name) { _ in log.append(name) } })
    #expect(timings.map(\.samples.count) == [40, 40, 40])
    // Twice to find the length of a batch; then an unmeasured call and a batch in each turn.
    #expect(log.prefix(6).joined() == "aabbcc")
    let turns = log.dropFirst(6)
    let order = stride(from: turns.startIndex, to: turns.endIndex, by: 2).map { turns[$0] }
    #expect(order.flatMap { [$0, $0] } == Array(turns))
    for round in stride(from: 0, to: order.count, by: 3) {
      #expect(Set(order[round..<round + 3]) == Set(names))
    }
    // Each follows each of the others.
    let pairs = Set(zip(order, order.dropFirst()).map { $0 + $1 })
    #expect(pairs.isSuperset(of: ["ab", "ba", "ac", "ca", "bc", "cb"]))
  }

  @Test func callsTooShortForTheClockAreMeasuredInBatches() throws {
    var counts: [Int] = []
    var rounds = Rounds(seconds: 0)
    rounds.leastRounds = 1
    rounds.batch = 200_000
    var sum = 0.0
    let timings = try rounds.measure([
      Subject("sum") { times in
        counts.append(times)
        for number in 0..<times { sum += Double(number) }
      }
    ])
    #expect(counts.last ?? 0 > 100)
    #expect(counts.dropLast().last == 1)
    // A call of this one cannot take as long as a batch.
    #expect(timings[0].median < 200_000)
  }

  @Test func anErrorOfASubjectEndsTheMeasurement() {
    struct Failure: Error {}
    #expect(throws: Failure.self) {
      try Rounds(seconds: 1).measure([Subject("fails") { _ in throw Failure() }])
    }
  }
}
