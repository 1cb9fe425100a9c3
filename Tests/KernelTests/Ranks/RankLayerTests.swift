import Foundation
import NormGen
import Synchronization
import Testing

/// Layers of several processes, which are threads here.
@Suite struct RankLayerTests {
  private static let text = """
    norm f(x[N, C]) -> y {
      scalar eps = 1e-5, momentum = 0.1
      reduce ranks, N
      center
      divide by std
      track ema(momentum), unbiased
      affine C
    }
    """

  /// Hands partial results around: each thread waits for those of all.
  private final class Exchange: Sendable {
    private let told: Mutex<[[Int: PartialResults]]>
    private let ranks: Int

    init(ranks: Int) {
      self.ranks = ranks
      told = Mutex([])
    }

    /// A process has failed, and its part will never come.
    struct Missing: Error {}

    /// What all tell in a round, which counts from 0.
    func gather(_ own: PartialResults, from rank: Int, round: Int) throws -> [PartialResults] {
      told.withLock { told in
        while told.count <= round { told.append([:]) }
        told[round][rank] = own
      }
      for _ in 0..<100_000 {
        let all = told.withLock { $0[round] }
        if all.count == ranks { return (0..<ranks).compactMap { all[$0] } }
        Thread.sleep(forTimeInterval: 0.001)
      }
      throw Missing()
    }
  }

  /// What a process has made in two steps of training.
  private struct Trained: Equatable {
    var outputs: [Double] = []
    var gradients: [Double] = []
    var variance: [Double] = []
  }

  private func train(
    _ kernel: Kernel, _ rows: Range<Int>,
    _ gather: (@Sendable (PartialResults) throws -> [PartialResults])?
  ) throws -> Trained {
    var layer = try NormLayer(kernel, sizes: ["C": 3])
    layer.gather = gather
    var trained = Trained()
    for step in 1...2 {
      let x = (rows.lowerBound * 3..<rows.upperBound * 3).map { sin(Double($0 * step)) }
      let pass = try layer.forward(["x": kernel.real(x)], sizes: ["N": rows.count])
      let gradients = try layer.backward(pass, ["y": kernel.real(x.map { $0 * $0 })])
      trained.outputs += pass["y"]?.numbers ?? []
      trained.gradients += gradients["x"]?.numbers ?? []
    }
    trained.variance = layer["running_var"]?.numbers ?? []
    return trained
  }

  @Test func layersOfSeveralProcessesAreOneLayerWithAllSamples() throws {
    var options = Options()
    options.type = .float64
    let kernel = try Norm.parse(Self.text)[0].compile(options)
    let parts = [0..<4, 4..<4, 4..<9]
    let exchange = Exchange(ranks: parts.count)
    let results = Mutex<[Int: Result<Trained, any Error>]>([:])
    let threads = parts.indices.map { rank in
      Thread {
        let round = Mutex(0)
        let result = Result {
          try train(kernel, parts[rank]) { own in
            let number = round.withLock { round in
              defer { round += 1 }
              return round
            }
            return try exchange.gather(own, from: rank, round: number)
          }
        }
        results.withLock { $0[rank] = result }
      }
    }
    for thread in threads { thread.start() }
    while results.withLock({ $0.count }) < parts.count { Thread.sleep(forTimeInterval: 0.005) }
    let trained = try parts.indices.map { rank in
      try #require(results.withLock { $0[rank] }).get()
    }
    let whole = try train(kernel, 0..<9, nil)
    #expect(trained[1].outputs.isEmpty && whole.outputs.count == 54)
    for step in 0..<2 {
      for (numbers, expected) in [
        (trained.map(\.outputs), whole.outputs), (trained.map(\.gradients), whole.gradients),
      ] {
        let found = numbers.flatMap { part in
          part[(step * part.count / 2)..<((step + 1) * part.count / 2)]
        }
        let wanted = expected[(step * 27)..<(step * 27 + 27)]
        #expect(found.count == 27)
        #expect(zip(found, wanted).allSatisfy { abs($0 - $1) < 1e-12 }, "step \(step)")
      }
    }
    for rank in trained {
      #expect(rank.variance == trained[0].variance)
      #expect(zip(rank.variance, whole.variance).allSatisfy { abs($0 - $1) < 1e-12 })
    }
  }

  @Test func aTransportThatFailsChangesNothing() throws {
    struct Broken: Error {}
    let kernel = try Norm.parse(Self.text)[0].compile()
    var layer = try NormLayer(kernel, sizes: ["C": 3])
    layer.gather = { _ in throw Broken() }
    let before = layer.arrays
    #expect(throws: KernelError.transport("Broken()")) {
      try layer.forward(["x": .float32([1, 2, 3])])
    }
    #expect(layer.arrays == before)
    let pass = try layer.forward(["x": .float32([1, 2, 3])], .eval)
    #expect(pass["y"] != nil, "evaluation needs no other process")
  }
}
