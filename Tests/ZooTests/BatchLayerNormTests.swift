import NormGen
import Testing

/// The evaluation of batch layer normalization, whose four statistics are each those of the
/// training or of the batch.
@Suite struct BatchLayerNormTests {
  private static let switches = ["batch_mean", "batch_var", "feature_mean", "feature_var"]
  private let samples = 4
  private let features = 3

  @Test(arguments: [Engine.jit, .cc(flags: ["-std=c11", "-O0"])])
  func eachStatisticIsTakenFromWhereItsSwitchSays(_ engine: Engine) throws {
    var options = Options()
    options.type = .float64
    let norm = try #require(Zoo.shared.norm("batch_layer_norm"))
    var layer = try NormLayer(
      norm.compile(options, engine: engine), sizes: ["N": samples, "S": 1, "C": features])
    let batches: [[Double]] = [
      [1, 5, 2, 0, 3, 9, 4, 4, 1, 7, 2, 2], [3, 1, 0, 8, 2, 2, 5, 6, 1, 0, 0, 4],
      [2, 2, 7, 1, 0, 5, 3, 3, 8, 6, 1, 1],
    ]
    try layer.event("epoch_begin")
    for batch in batches.dropLast() { _ = try layer.forward(["x": .float64(batch)]) }
    try layer.event("epoch_end")
    let x = batches[2]
    let trained = try Self.switches.map { try #require(layer["sum_\($0)"]).numbers }
    let own = statistics(of: x)
    var seen: Set<[Double]> = []
    for choice in 0..<16 {
      let isTrained = Self.switches.indices.map { choice >> $0 & 1 == 1 }
      for (name, flag) in zip(Self.switches, isTrained) {
        try layer.set("population_\(name)", to: .condition(flag))
      }
      let used = Self.switches.indices.map { isTrained[$0] ? trained[$0] : own[$0] }
      let y = try #require(try layer.forward(["x": .float64(x)], .eval)["y"]).numbers
      for (a, b) in zip(y, output(x, used)) { #expect(abs(a - b) < 1e-14, "\(isTrained)") }
      seen.insert(y)
    }
    #expect(seen.count == 16)
  }

  /// Mean and variance over the samples, then over the features.
  private func statistics(of x: [Double]) -> [[Double]] {
    let columns = (0..<features).map { c in (0..<samples).map { x[$0 * features + c] } }
    let rows = (0..<samples).map { Array(x[$0 * features..<($0 + 1) * features]) }
    return [columns.map(mean), columns.map(variance), rows.map(mean), rows.map(variance)]
  }

  private func output(_ x: [Double], _ used: [[Double]]) -> [Double] {
    let share = 1 / Double(samples)
    return x.indices.map { place in
      let (row, column) = (place / features, place % features)
      let byBatch = (x[place] - used[0][column]) / (used[1][column] + 1e-3).squareRoot()
      let byFeature = (x[place] - used[2][row]) / (used[3][row] + 1e-3).squareRoot()
      return ((share - 1e-4) * byFeature + (1 - (share + 1e-4)) * byBatch)
        / Double(features).squareRoot()
    }
  }

  private func mean(_ numbers: [Double]) -> Double {
    numbers.reduce(0, +) / Double(numbers.count)
  }

  private func variance(_ numbers: [Double]) -> Double {
    mean(numbers.map { ($0 - mean(numbers)) * ($0 - mean(numbers)) })
  }
}
