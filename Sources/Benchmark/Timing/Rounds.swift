import Basics

/// Something whose time is measured.
package struct Subject {
  /// What tables call it.
  package var name: String
  /// Does the work so many times, without allocating anything.
  package var run: (_ times: Int) throws -> Void

  package init(_ name: String, run: @escaping (_ times: Int) throws -> Void) {
    self.name = name
    self.run = run
  }
}

/// Measures subjects in turn, round by round: what disturbs the machine for a while disturbs them
/// alike.
///
/// In each round every subject runs unmeasured until its data are back in the caches, then in one
/// measured batch. A batch of calls that are too short for the clock has several. What
/// takes very long is measured each time, and only in the rounds that must be: it leaves the time
/// to the others. The order is another in each round: subjects that use the same arrays find them
/// in the caches or not, depending on whom they follow.
package struct Rounds: Sendable {
  /// The nanoseconds that all rounds together may take; a round that has begun is finished.
  package var time: Double
  /// At least so many rounds are made, however long they take.
  package var leastRounds = 4
  /// At most so many.
  package var mostRounds = 400
  /// The nanoseconds that a batch should take at least.
  package var batch = 20_000.0
  /// The nanoseconds that unmeasured calls take before a batch, but for the last one. One call
  /// alone leaves half of 24 MB outside of a last cache that another subject has filled: its lines
  /// give way only when they are found old more than once.
  package var warmUp = 4e6
  /// From so many nanoseconds on a call is measured without another before it.
  private let long = 20e6

  /// - Parameter seconds: the time that all rounds together may take.
  package init(seconds: Double) { time = seconds * 1e9 }

  /// The time of one call of each subject.
  package func measure(_ subjects: [Subject]) throws -> [Timing] {
    guard !subjects.isEmpty else { return [] }
    let batches = try subjects.map(estimatedBatch)
    var samples = Array(repeating: [Double](), count: subjects.count)
    var random = SplitMix64(seed: 1)
    let end = nanoseconds() + time
    for round in 0..<max(mostRounds, 1) {
      if round >= leastRounds && nanoseconds() >= end { break }
      for index in subjects.indices.shuffled(using: &random) {
        let batch = batches[index]
        let share = time / Double(subjects.count)
        if round >= leastRounds && batch.time * Double(leastRounds) > share { continue }
        if batch.time < long { try warm(subjects[index]) }
        samples[index].append(try measure(subjects[index], times: batch.count))
      }
    }
    return samples.map { Timing($0) }
  }

  /// The calls that a batch needs to last long enough, and about how long one takes.
  private func estimatedBatch(_ subject: Subject) throws -> (count: Int, time: Double) {
    // The first call is slow: pages are mapped, code and data come from memory.
    try subject.run(1)
    var count = 1
    while true {
      let time = try measure(subject, times: count)
      if time * Double(count) >= batch || count >= 1 << 20 { return (count, time) }
      let needed = (batch / max(time, 0.1)).rounded(.up)
      count = max(count + 1, min(Int(needed), count * 16))
    }
  }

  private func warm(_ subject: Subject) throws {
    let end = nanoseconds() + warmUp
    repeat { try subject.run(1) } while nanoseconds() < end
  }

  /// The mean time of some calls that follow one another.
  private func measure(_ subject: Subject, times: Int) throws -> Double {
    let start = nanoseconds()
    try subject.run(times)
    return (nanoseconds() - start) / Double(times)
  }
}
