import Basics
import Foundation
import FoundationXML
import NormGen
import Testing

@testable import Digits

/// The training run on handwritten digits, kept short.
@Suite struct DigitsTests {
  private static let specs = [
    "batch_norm", "layer_norm", "rms_norm", "power_norm", "across_samples/batch_layer_norm",
  ]

  private func norm(_ spec: String) throws -> Norm {
    try #require(try Norm.load("\(package)/specs/\(spec).norm").last)
  }

  private func digits() throws -> DigitsData {
    var random = SplitMix64(seed: 1)
    return try DigitsData(folder: package + "/Tests/Data", using: &random)
  }

  private func trained(
    _ spec: String, epochs: Int
  ) throws -> (network: Network, course: Course) {
    var plan = Plan()
    plan.epochs = epochs
    return try plan.train(norm(spec), on: digits())
  }

  @Test func theImagesOfTheTestAreNotThoseOfTheTraining() throws {
    let digits = try digits()
    #expect(digits.training.digits.count == 1437 && digits.test.digits.count == 360)
    #expect(digits.training.pixels.count == 1437 * 64 && digits.test.pixels.count == 360 * 64)
    #expect(Set(digits.test.digits) == Set(0..<10))
    let rows = { (samples: Samples) in
      Set(samples.digits.indices.map { samples[[$0]].pixels })
    }
    #expect(rows(digits.training).isDisjoint(with: rows(digits.test)))
  }

  @Test(arguments: specs) func aNetworkLearnsWithTheNorm(_ spec: String) throws {
    let (network, course) = try trained(spec, epochs: 8)
    let last = try #require(course.epochs.last)
    #expect(last.testAccuracy >= 0.94, "seed 1")
    #expect(last.trainingLoss < course.epochs[0].trainingLoss / 5, "seed 1")
    let test = try digits().test
    let again = try network.evaluate(test.batches(of: 60, in: Array(0..<360)))
    #expect(again.accuracy == last.testAccuracy && again.loss == last.testLoss)
  }

  /// What a digit is taken for does not depend on those that are looked at with it.
  @Test(arguments: specs) func evaluationTakesEachDigitForItself(_ spec: String) throws {
    var (network, _) = try trained(spec, epochs: 1)
    let test = try digits().test
    let batch = try network.scores(test[Array(0..<60)]).numbers
    let others = try network.scores(test[[0] + Array(200..<259)]).numbers
    #expect(batch[..<10] == others[..<10])
    #expect(batch[10..<20] != others[10..<20])
  }

  /// With other running statistics, the same network takes the digits for others.
  @Test(arguments: [
    ("batch_norm", ["running_mean", "running_var"]), ("power_norm", ["phi"]),
    ("across_samples/batch_layer_norm", ["sum_batch_mean", "sum_batch_var"]),
  ])
  func evaluationReadsTheRunningStatistics(_ spec: String, _ states: [String]) throws {
    let (network, course) = try trained(spec, epochs: 4)
    let test = try digits().test.batches(of: 60, in: Array(0..<360))
    let accuracy = try #require(course.epochs.last).testAccuracy
    for state in states {
      var other = network
      try other.replace(state) { $0.map { 4 * $0 + 2 } }
      #expect(try other.evaluate(test).accuracy < accuracy - 0.05, "\(state), seed 1")
    }
  }

  @Test func theEndOfAnEpochMakesMeansOfWhatItHasSummed() throws {
    var random = SplitMix64(seed: 2)
    var network = try Network(
      norm("across_samples/batch_layer_norm"), batch: 60, using: &random)
    let training = try digits().training
    for _ in 0..<2 {
      try network.event("epoch_begin")
      for samples in training.batches(of: 60, in: Array(0..<180)) {
        _ = try network.train(samples, Descent())
      }
      let sums = try network.states("sum_batch_var")
      try network.event("epoch_end")
      let means = try network.states("sum_batch_var")
      #expect(sums.count == 64 && sums.contains { $0 > 0.01 })
      for (sum, mean) in zip(sums, means) {
        #expect(abs(mean - sum / 3 * 60 / 59) <= 1e-6 * abs(mean))
      }
    }
  }

  @Test func aNormThatDigitsDoNotFitIsRefused() throws {
    for text in [
      "norm f(x[N, C], r[N, C]) -> y { y = x + r }",
      "norm f(x[N, C]) -> y, z { y = x z = -x }",
      "norm f(x[N, C]) -> y { mask padding[N] y = if padding then 0 else x }",
    ] {
      let norm = try Norm.parse(text)[0]
      #expect(throws: DigitsError.self) {
        try Layer(normalizing: norm, samples: 60, features: 32)
      }
    }
    var random = SplitMix64(seed: 1)
    #expect(throws: (any Error).self) {
      try DigitsData(folder: package + "/Tests/Absent", using: &random)
    }
  }

  /// Also of a course that was perfect at once, and of one that went astray.
  @Test(
    arguments: [([1.5, 0.2, 0], 0.9), ([0.1], 1), ([2.3, .infinity, .nan], 0.1)]
      as [([Double], Double)])
  func theCurvesAreXMLWithTwoLinesForEachNorm(losses: [Double], accuracy: Double) {
    var courses = ["a & b", "none"].map { Course(norm: $0) }
    for index in courses.indices {
      for loss in losses {
        courses[index].append(
          Course.Epoch(trainingLoss: loss, testLoss: loss, testAccuracy: accuracy))
      }
    }
    let text = curves(of: courses)
    let lines = ElementCounter("polyline")
    let parser = XMLParser(data: Data(text.utf8))
    parser.delegate = lines
    #expect(parser.parse())
    #expect(lines.count == 4)
    #expect(!text.contains("nan") && !text.contains("inf"))
  }
}

extension Network {
  /// The elements of a state of all layers that have it.
  fileprivate func states(_ name: String) throws -> [Double] {
    layers.flatMap { $0.norm[name]?.numbers ?? [] }
  }
}

private final class ElementCounter: NSObject, XMLParserDelegate {
  private let element: String
  private(set) var count = 0

  init(_ element: String) { self.element = element }

  func parser(
    _ parser: XMLParser, didStartElement name: String, namespaceURI: String?,
    qualifiedName: String?, attributes: [String: String]
  ) {
    if name == element { count += 1 }
  }
}

private let package = URL(filePath: #filePath).deletingLastPathComponent()
  .deletingLastPathComponent().deletingLastPathComponent().path
