import NormGen

/// Two hidden layers, each normalized, and ten outputs, one for each digit.
///
/// All of it are norms: what a dense layer is, and the loss, says the text below, and what
/// normalizes is the caller's. Forward and backward of each are kernels, compiled in memory.
struct Network {
  private(set) var layers: [Layer] = []
  private var loss: NormLayer
  /// The samples of each call.
  let batch: Int

  private static let text = """
    norm dense(x[N, K]) -> y[N, M] {
      axis  M = 10
      param weight[M, K] = 0, bias[M] = 0
      y = sum[K](x * weight) + bias
    }

    norm rectifier(x[N, K]) -> y {
      y = relu(x)
    }

    norm cross_entropy(x[N, K]) -> loss[N] {
      index digit[N] of K
      high = max[K](x)
      loss = log(sum[K](exp(x - high))) - (x[digit] - high)
    }
    """

  /// - Parameters:
  ///   - norm: what normalizes; `nil` is nothing.
  ///   - width: the features of each hidden layer.
  ///   - random: makes the first weights.
  init(
    _ norm: Norm?, batch: Int, width: Int = 32, using random: inout some RandomNumberGenerator
  ) throws {
    let kernels = try Norm.parse(Self.text).map { try $0.compile() }
    let (dense, rectifier) = (kernels[0], kernels[1])
    loss = try NormLayer(kernels[2], sizes: ["K": 10])
    self.batch = batch
    for (inputs, outputs) in [(Samples.width, width), (width, width), (width, 10)] {
      var layer = try Layer(dense, sizes: ["K": inputs, "M": outputs])
      // He, Zhang, Ren, Sun 2015: the variance 2 / inputs, here of a uniform distribution.
      let limit = (6 / Float(inputs)).squareRoot()
      let weights = (0..<inputs * outputs).map { _ in
        Float.random(in: -limit...limit, using: &random)
      }
      try layer.set("weight", to: weights)
      layers.append(layer)
      guard outputs == width else { break }
      if let norm {
        layers.append(try Layer(normalizing: norm, samples: batch, features: width))
      }
      layers.append(try Layer(rectifier, sizes: ["K": width]))
    }
  }

  /// One step of training.
  ///
  /// - Returns: the mean loss before the step.
  mutating func train(_ samples: Samples, _ descent: Descent) throws -> Double {
    var passes: [Layer.Pass] = []
    var x = KernelArray.float32(samples.pixels)
    for index in layers.indices {
      let pass = try layers[index].forward(x, .train)
      passes.append(pass)
      x = pass.output
    }
    let end = try loss.forward(["x": x, "digit": .int64(samples.digits)])
    let share = 1 / Float(samples.digits.count)
    let shares = KernelArray.float32(Array(repeating: share, count: samples.digits.count))
    guard var gradient = try loss.backward(end, ["loss": shares])["x"] else { return 0 }
    for index in layers.indices.reversed() {
      gradient = try layers[index].backward(passes[index], gradient, descent)
    }
    return mean(end["loss"])
  }

  /// Calls an event of all norms that have it.
  mutating func event(_ name: String) throws {
    for index in layers.indices { try layers[index].event(name) }
  }

  /// Gives a parameter or state of all norms that have it other values.
  mutating func replace(_ name: String, _ change: ([Float]) -> [Float]) throws {
    for index in layers.indices {
      guard let old = layers[index].norm[name]?.elements(as: Float.self) else { continue }
      try layers[index].set(name, to: change(old))
    }
  }

  /// Mean loss, and which part of the digits is recognized, in evaluation. It changes nothing.
  func evaluate(_ batches: [Samples]) throws -> (loss: Double, accuracy: Double) {
    var copy = self
    var (sum, hits, count) = (0.0, 0, 0)
    for samples in batches {
      let scores = try copy.scores(samples)
      let pass = try copy.loss.forward(["x": scores, "digit": .int64(samples.digits)], .eval)
      sum += mean(pass["loss"]) * Double(samples.digits.count)
      hits += zip(best(scores), samples.digits).count { $0 == $1 }
      count += samples.digits.count
    }
    return (sum / Double(max(count, 1)), Double(hits) / Double(max(count, 1)))
  }

  /// The ten outputs for each sample, in evaluation.
  mutating func scores(_ samples: Samples) throws -> KernelArray {
    var x = KernelArray.float32(samples.pixels)
    for index in layers.indices { x = try layers[index].forward(x, .eval).output }
    return x
  }
}

private func mean(_ array: KernelArray?) -> Double {
  guard let numbers = array?.numbers, !numbers.isEmpty else { return 0 }
  return numbers.reduce(0, +) / Double(numbers.count)
}

/// The place of the highest of each ten.
private func best(_ scores: KernelArray) -> [Int64] {
  let numbers = scores.numbers
  return stride(from: 0, to: numbers.count, by: 10).map { start in
    let row = numbers[start..<start + 10]
    return Int64((row.indices.max { row[$0] < row[$1] } ?? start) - start)
  }
}
