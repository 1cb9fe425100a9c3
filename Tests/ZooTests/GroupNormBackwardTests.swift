import NormGen
import Testing

/// The backward of group normalization in two layouts, from a mean and a deviation that are given
/// or computed; beside it a formula that is in circulation and wrong.
@Suite struct GroupNormBackwardTests {
  /// The sizes of the example: S are the places of the image, K the channels of a group.
  private struct Sizes {
    var (n, s, g, k) = (3, 20, 2, 3)

    var count: Int { n * s * g * k }
    var names: [String: Int] { ["N": n, "S": s, "G": g, "K": k, "C": g * k] }

    /// Calls `body` with the place of each element in the order (N, S, G, K), and its parts.
    func visit(_ body: (_ place: Int, _ n: Int, _ channel: Int, _ group: Int) -> Void) {
      for place in 0..<count {
        let channel = place % (g * k)
        body(place, place / (s * g * k), channel, channel / k)
      }
    }
  }

  /// Arrays in the order (N, S, G, K).
  private struct Example {
    var sizes = Sizes()
    var x: [Double]
    var dy: [Double]
    var weight: [Double]
    var mean: [Double]
    var rstd: [Double]
  }

  private struct Gradients {
    var dx: [Double]
    var dWeight: [Double]
    var dBias: [Double]
  }

  enum Memory: CaseIterable, Sendable {
    /// (N, H, W, G, K)
    case channelsLast
    /// (N, C, H, W)
    case channelsFirst
  }

  /// Where the gradients come from.
  enum Source: CaseIterable, Sendable {
    /// The derived backward of a norm of C channels in G groups.
    case channels
    /// The derived backward of a norm whose tensors have the axes G and K.
    case groupsAndChannels
    /// The backward written as a norm of its own.
    case spec
  }

  private let file: ReferenceFile
  private let example: Example

  init() throws {
    let file = try ReferenceFile("group_norm_backward")
    func numbers(_ name: String) throws -> [Double] {
      try #require(try file.array(name)).numbers
    }
    self.file = file
    example = Example(
      x: try numbers("0.in.x"), dy: try numbers("0.in.d_y"), weight: try numbers("param.weight"),
      mean: try numbers("0.in.mean"), rstd: try numbers("0.in.rstd"))
  }

  @Test(arguments: Source.allCases, Memory.allCases)
  func fromAMeanAndADeviationThatAreGiven(_ source: Source, _ memory: Memory) throws {
    for engine in [Engine.jit, .cc(flags: ["-std=c11", "-O0"])] {
      let found = try gradients(of: example, source, memory, engine)
      for (name, numbers) in [
        ("d_x", found.dx), ("d_weight", found.dWeight), ("d_bias", found.dBias),
      ] {
        let expected = try #require(try file.array("0.out.\(name)")).numbers
        #expect(distance(numbers, expected) < 1e-13, "\(name)")
      }
    }
  }

  @Test(arguments: [Source.channels, .groupsAndChannels], Memory.allCases)
  func fromAMeanAndADeviationThatAreComputed(_ source: Source, _ memory: Memory) throws {
    var example = example
    (example.mean, example.rstd) = statistics(of: example)
    let expected = try gradients(of: example, .spec, .channelsLast, .jit)
    let kernel = try kernel(source, memory, .jit)
    let saved = try kernel.run(
      .forward, sizes: sizes(kernel, example), arrays: arrays(example, kernel, memory))
    let mean = try #require(saved["mean"]).numbers
    let rstd = try #require(saved["rstd"]).numbers
    #expect(distance(mean, example.mean) < 1e-14 && distance(rstd, example.rstd) < 1e-14)
    (example.mean, example.rstd) = (mean, rstd)
    let found = try gradients(of: example, source, memory, .jit)
    #expect(distance(found.dx, expected.dx) < 1e-13)
    #expect(distance(found.dWeight, expected.dWeight) < 1e-13)
    #expect(distance(found.dBias, expected.dBias) < 1e-13)
  }

  /// Composable Kernel's README takes the weight out of the sums, and sums over N for each group.
  @Test func theFormulaThatIsInCirculationGivesOtherGradients() throws {
    let wrong = try #require(try file.array("wrong.d_x")).numbers
    let found = try gradients(of: example, .channels, .channelsLast, .jit)
    #expect(distance(formulaInCirculation(example), wrong) < 1e-13)
    #expect(distance(found.dx, wrong) > 0.1)
  }

  /// With one sample and one weight for each group, it says the same as ours.
  @Test func theFormulaThatIsInCirculationIsRightForOneSampleAndOneWeight() throws {
    var one = example
    one.sizes.n = 1
    one.x.removeSubrange(one.sizes.count...)
    one.dy.removeSubrange(one.sizes.count...)
    one.mean.removeSubrange(one.sizes.g...)
    one.rstd.removeSubrange(one.sizes.g...)
    one.weight = one.weight.indices.map { one.weight[$0 / one.sizes.k * one.sizes.k] }
    let found = try gradients(of: one, .spec, .channelsFirst, .jit)
    #expect(distance(formulaInCirculation(one), found.dx) < 1e-13)
  }

  // What is computed here

  private func statistics(of example: Example) -> (mean: [Double], rstd: [Double]) {
    let sizes = example.sizes
    let count = Double(sizes.s * sizes.k)
    var mean = Array(repeating: 0.0, count: sizes.n * sizes.g)
    var variance = mean
    sizes.visit { place, n, _, group in mean[n * sizes.g + group] += example.x[place] / count }
    sizes.visit { place, n, _, group in
      let deviation = example.x[place] - mean[n * sizes.g + group]
      variance[n * sizes.g + group] += deviation * deviation / count
    }
    return (mean, variance.map { 1 / ($0 + 1e-5).squareRoot() })
  }

  private func formulaInCirculation(_ example: Example) -> [Double] {
    let sizes = example.sizes
    let count = Double(sizes.s * sizes.k)
    var dWeight = Array(repeating: 0.0, count: sizes.g)
    var dBias = dWeight
    var unit = example.x
    sizes.visit { place, n, _, group in
      let row = n * sizes.g + group
      unit[place] = (example.x[place] - example.mean[row]) * example.rstd[row]
      dWeight[group] += example.dy[place] * unit[place]
      dBias[group] += example.dy[place]
    }
    var dx = example.x
    sizes.visit { place, n, channel, group in
      dx[place] =
        example.weight[channel] * example.rstd[n * sizes.g + group]
        * (example.dy[place] - dBias[group] / count - unit[place] * dWeight[group] / count)
    }
    return dx
  }

  // What is compiled

  private func kernel(_ source: Source, _ memory: Memory, _ engine: Engine) throws -> Kernel {
    var options = Options()
    options.type = .float64
    let name: String
    switch (source, memory) {
    case (.channels, .channelsFirst): name = "group_norm"
    case (.channels, .channelsLast):
      name = "group_norm"
      options.layouts = ["x": ["N", "S", "C"]]
    case (.groupsAndChannels, .channelsLast): name = "group_norm_channels_last"
    case (.groupsAndChannels, .channelsFirst):
      name = "group_norm_channels_last"
      options.layouts = ["x": ["N", "G", "K", "S"]]
    case (.spec, .channelsLast): name = "group_norm_backward"
    case (.spec, .channelsFirst):
      name = "group_norm_backward"
      options.layouts = ["x": ["N", "G", "K", "S"], "dy": ["N", "G", "K", "S"]]
    }
    return try #require(Zoo.shared.norm(name)).compile(options, engine: engine)
  }

  private func sizes(_ kernel: Kernel, _ example: Example) -> [String: Int] {
    example.sizes.names.filter { kernel.sizeNames.contains($0.key) }
  }

  /// All that any of the functions reads.
  private func arrays(
    _ example: Example, _ kernel: Kernel, _ memory: Memory
  ) throws -> [String: KernelArray] {
    let zeros = KernelArray.float64(Array(repeating: 0, count: example.mean.count))
    let dy = KernelArray.float64(moved(example.dy, .toMemory, memory, example.sizes))
    return [
      "x": .float64(moved(example.x, .toMemory, memory, example.sizes)), "dy": dy, "d_y": dy,
      "weight": .float64(example.weight),
      "bias": .float64(Array(repeating: 0, count: example.weight.count)),
      "mean": .float64(example.mean), "rstd": .float64(example.rstd), "r": .float64(example.rstd),
      "d_mean": zeros, "d_rstd": zeros,
    ]
  }

  private func gradients(
    of example: Example, _ source: Source, _ memory: Memory, _ engine: Engine
  ) throws -> Gradients {
    let kernel = try kernel(source, memory, engine)
    let (direction, names): (Kernel.Direction, [String]) =
      switch source {
      case .channels, .groupsAndChannels: (.backward, ["d_x", "d_weight", "d_bias"])
      case .spec: (.forward, ["dx", "dw", "db"])
      }
    let results = try kernel.run(
      direction, sizes: sizes(kernel, example), arrays: arrays(example, kernel, memory))
    let found = try names.map { try #require(results[$0]).numbers }
    return Gradients(
      dx: moved(found[0], .fromMemory, memory, example.sizes), dWeight: found[1], dBias: found[2])
  }

  private enum Way { case toMemory, fromMemory }

  /// An array in the order (N, S, G, K) as it lies in memory, or the other way round.
  private func moved(
    _ numbers: [Double], _ way: Way, _ memory: Memory, _ sizes: Sizes
  ) -> [Double] {
    switch memory {
    case .channelsLast: return numbers
    case .channelsFirst:
      var moved = numbers
      visitPairs(sizes) { last, first in
        switch way {
        case .toMemory: moved[first] = numbers[last]
        case .fromMemory: moved[last] = numbers[first]
        }
      }
      return moved
    }
  }

  /// The places of each element in the orders (N, S, G, K) and (N, G, K, S).
  private func visitPairs(_ sizes: Sizes, _ body: (_ last: Int, _ first: Int) -> Void) {
    let channels = sizes.g * sizes.k
    sizes.visit { place, n, channel, _ in
      body(place, (n * channels + channel) * sizes.s + place / channels % sizes.s)
    }
  }

  /// The largest difference, in units of the largest number.
  private func distance(_ found: [Double], _ expected: [Double]) -> Double {
    guard found.count == expected.count else { return .infinity }
    let scale = expected.reduce(0) { max($0, abs($1)) }
    return zip(found, expected).reduce(0) { max($0, abs($1.0 - $1.1)) } / scale
  }
}
