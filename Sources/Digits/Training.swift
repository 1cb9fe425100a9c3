import Basics
import NormGen

/// How a network was trained, epoch by epoch.
struct Course {
  /// The name of the norm, or `none`.
  let norm: String
  private(set) var epochs: [Epoch] = []

  struct Epoch {
    /// The mean loss of the steps of the epoch.
    var trainingLoss: Double
    /// In evaluation, after the epoch.
    var testLoss: Double
    var testAccuracy: Double
  }

  init(norm: String) { self.norm = norm }

  mutating func append(_ epoch: Epoch) { epochs.append(epoch) }
}

/// What all trainings have in common.
struct Plan {
  var epochs = 15
  /// Divides the 360 samples of the test.
  var batch = 60
  var seed: UInt64 = 1
  var descent = Descent()

  /// Trains a network with a norm, or with none.
  ///
  /// - Parameter observe: is called after each epoch.
  /// - Returns: the network, and how it came there.
  func train(
    _ norm: Norm?, on data: DigitsData, observe: (Course) -> Void = { _ in }
  ) throws -> (network: Network, course: Course) {
    var random = SplitMix64(seed: seed)
    var network = try Network(norm, batch: batch, using: &random)
    var course = Course(norm: norm?.name ?? "none")
    let test = data.test.batches(of: batch, in: Array(data.test.digits.indices))
    for _ in 0..<epochs {
      let order = data.training.digits.indices.shuffled(using: &random)
      let batches = data.training.batches(of: batch, in: order)
      // Norms with statistics of an epoch begin and complete them here.
      try network.event("epoch_begin")
      var sum = 0.0
      for samples in batches { sum += try network.train(samples, descent) }
      try network.event("epoch_end")
      let result = try network.evaluate(test)
      course.append(
        Course.Epoch(
          trainingLoss: sum / Double(batches.count), testLoss: result.loss,
          testAccuracy: result.accuracy))
      observe(course)
    }
    return (network, course)
  }
}
