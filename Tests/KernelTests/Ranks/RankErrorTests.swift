import NormGen
import Testing

/// What processes may not be told, and statistics that are not those of all elements.
@Suite struct RankErrorTests {
  private static func kernel(_ text: String) throws -> Kernel { try Norm.parse(text)[0].compile() }

  private static let text = """
    norm f(x[N, C, S...]) -> y {
      state running[C] = 0
      train {
        m = mean[ranks, N, S](x)
        d = mean[ranks, N, S](abs(x - m))
        next running = m
        y = (x - m) / d
      }
      eval { y = x - running }
    }
    """

  @Test func partialResultsOfAnotherSpecAreRefused() throws {
    let kernel = try Self.kernel(Self.text)
    // The same lengths, but other elements.
    let other = try Self.kernel(
      Self.text.replacing("mean[ranks, N, S](x)", with: "mean[ranks, N, S](2 * x)"))
    let calls = try RankedTraining(rows: [2, 3], seed: 1).calls(kernel)
    var foreign: PartialResults?
    _ = try? other.run(.forward, as: calls[1]) {
      foreign = $0
      throw Stop()
    }
    let partials = try #require(foreign)
    expectRefusal { try kernel.run(.forward, as: calls[0]) { [$0, partials] } }
    expectRefusal { try kernel.run(.forward, as: calls[0]) { _ in [partials, partials] } }
  }

  @Test func partialResultsOfAnotherStepAreRefused() throws {
    // Both steps tell one number for each channel.
    let kernel = try Self.kernel(
      """
      norm f(x[N, C, S...]) -> y {
        train {
          a = sum[ranks, N, S](x)
          y = x + sum[ranks, N, S](x * a)
        }
        eval { y = x }
      }
      """)
    let call = try RankedTraining(rows: [2], seed: 1).calls(kernel)[0]
    var told: [PartialResults] = []
    expectRefusal {
      try kernel.run(.forward, as: call) { partials in
        told.append(partials)
        return [told[0]]
      }
    }
    #expect(told.count == 2 && told[0].bytes.count == told[1].bytes.count)
  }

  @Test func partialResultsOfOtherSizesAreRefused() throws {
    let kernel = try Self.kernel(Self.text)
    let call = try RankedTraining(rows: [2], channels: 5, seed: 1).calls(kernel)[0]
    let wider = try RankedTraining(rows: [2], channels: 6, seed: 1).calls(kernel)[0]
    #expect(throws: KernelError.self) { try kernel.run(.forward, ranks: [call, wider]) }
    // Bytes that no kernel wrote.
    expectRefusal {
      try kernel.run(.forward, as: call) { [PartialResults(bytes: $0.bytes.map { _ in 0 })] }
    }
    #expect(throws: KernelError.self) { try kernel.run(.forward, as: call) { _ in [] } }
  }

  @Test func arraysOfOtherShapesAreRefusedThoughTheyAreAsLong() throws {
    let kernel = try Self.kernel(
      """
      norm f(x[N, C, S...]) -> y {
        train { y = x - mean[ranks, N](x) }
        eval { y = x }
      }
      """)
    let calls = try [(6, 2), (3, 4)].map { channels, places in
      try RankedTraining(rows: [1], channels: channels, places: places, seed: 2).calls(kernel)[0]
    }
    expectRefusal { try kernel.run(.forward, ranks: calls)[0] }
    #expect(try kernel.run(.forward, ranks: [calls[0], calls[0]]).count == 2)
  }

  @Test func whatTheTransportThrowsIsThrown() throws {
    let kernel = try Self.kernel(Self.text)
    let call = try RankedTraining(rows: [2], seed: 1).calls(kernel)[0]
    #expect(throws: Stop.self) { try kernel.run(.forward, as: call) { _ in throw Stop() } }
  }

  @Test func aTransportOfBytesGivesWhatOneProcessWithAllCallsGives() throws {
    let kernel = try Self.kernel(Self.text)
    let calls = try RankedTraining(rows: [2, 0, 3], seed: 4).calls(kernel)
    let expected = try kernel.run(.forward, ranks: calls)
    // What a second process would tell, step by step.
    var told: [[PartialResults]] = []
    var rounds: [[PartialResults]] = []
    while rounds.count < 2 {
      told = []
      for call in calls {
        var step = 0
        _ = try? kernel.run(.forward, as: call) { partials in
          if step == rounds.count {
            told.append([PartialResults(bytes: partials.bytes)])
            throw Stop()
          }
          step += 1
          return rounds[step - 1]
        }
      }
      rounds.append(told.flatMap(\.self))
    }
    for (call, expected) in zip(calls, expected) {
      var step = 0
      let found = try kernel.run(.forward, as: call) { _ in
        step += 1
        return rounds[step - 1]
      }
      #expect(step == 2)
      #expect(found == expected)
    }
  }

  @Test func aMeanOfMeansCountsProcesses() throws {
    let kernel = try Self.kernel(
      """
      norm f(x[N, C, S...]) -> y {
        state running[C] = 0
        train {
          m = mean[ranks](mean[N, S](x))
          next running = m
          y = x - m
        }
        eval { y = x - running }
      }
      """)
    let training = RankedTraining(rows: [3, 0, 1], channels: 2, places: 2, seed: 7)
    let calls = try training.calls(kernel)
    var means = [0.0, 0.0]
    for (call, rows) in zip(calls, training.rows) where rows > 0 {
      for (place, x) in (call.arrays["x"]?.numbers ?? []).enumerated() {
        means[place / 2 % 2] += x / Double(rows * 2) / 3
      }
    }
    let results = try training.run(kernel)
    for result in results {
      let running = result["next_running"]?.numbers ?? []
      #expect(zip(running, means).allSatisfy { abs($0 - $1) < 1e-6 } && running.count == 2)
    }
    // Each of the n places of a process receives its share of a third of the sum of all.
    let adjoints = calls.map { $0.arrays["d_y"]?.numbers ?? [] }
    for (rank, rows) in training.rows.enumerated() {
      let found = results[rank]["d_x"]?.numbers ?? []
      #expect(found.count == rows * 4)
      for (place, number) in found.enumerated() {
        let channel = place / 2 % 2
        let all = adjoints.joined().enumerated().filter { $0.offset / 2 % 2 == channel }
        let sum = all.reduce(0) { $0 + $1.element }
        #expect(abs(number - (adjoints[rank][place] - sum / 3 / Double(rows * 2))) < 1e-5)
      }
    }
  }

  @Test func withoutAnyElementAStateStays() throws {
    let kernel = try Self.kernel(Self.text)
    let training = RankedTraining(rows: [0, 0], seed: 3)
    let calls = try training.calls(kernel)
    for result in try kernel.run(.forward, ranks: calls) {
      #expect(result["next_running"] == calls[0].arrays["running"])
    }
  }

  @Test func theGradientOfAMaximumOverRanksIsRefused() throws {
    let text = "norm f(x[N, C]) -> y { train { y = x - max[ranks, N](x) } eval { y = x } }"
    #expect {
      try Norm.parse(text)[0].compile()
    } throws: { error in
      String(describing: error).contains("stop_gradient")
    }
  }

  private struct Stop: Error {}

  private func expectRefusal(
    location: SourceLocation = #_sourceLocation, _ call: () throws -> [String: KernelArray]
  ) {
    #expect(sourceLocation: location) {
      try call()
    } throws: { error in
      String(describing: error).contains("partial results are of another spec")
    }
  }
}
