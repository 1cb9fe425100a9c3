import ArgumentParser
import Basics
import Foundation
import NormGen

/// `digits`: trains a small network on handwritten digits, with norms that are given as specs.
///
/// An example of how NormGen is used from Swift: `Layer` shows kernels, gradients, states, events
/// and evaluation, `Network` norms that stand in the program's text.
@main
struct DigitsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "digits",
    abstract:
      "Trains a small network on handwritten digits, once with each norm and once with none.",
    discussion: """
      Of the axes of a norm, C are the features, and the first of N and B that it has are the \
      samples; whatever else it has is of length 1. Prints a table and draws the curves.
      """)

  @Argument(
    help: "Files in the norm language; of several norms in a file, the last. Without: five norms.",
    completion: .file(extensions: ["norm"]))
  var specs: [String] = [
    "specs/batch_norm.norm", "specs/layer_norm.norm", "specs/rms_norm.norm",
    "specs/power_norm.norm", "specs/across_samples/batch_layer_norm.norm",
  ]

  @Option(help: "How often each image is learned from.")
  var epochs = 15

  @Option(help: "The random numbers to take.")
  var seed: UInt64 = 1

  @Option(help: "The folder that holds the images.")
  var data = "Tests/Data"

  @Option(help: "The file for the curves.")
  var output = ".build/digits.svg"

  func validate() throws {
    guard (1...1000).contains(epochs) else {
      throw ValidationError("--epochs must lie in 1 ... 1000")
    }
  }

  func run() throws {
    do {
      try train()
    } catch let error as any CustomStringConvertible & Error {
      writeLine("error: \(error)")
      throw ExitCode(1)
    }
  }

  private func train() throws {
    var plan = Plan()
    (plan.epochs, plan.seed) = (epochs, seed)
    var random = SplitMix64(seed: seed)
    let digits = try DigitsData(folder: data, using: &random)
    var courses: [Course] = []
    for norm in try specs.map({ try Norm.load($0).last }) + [nil] {
      courses.append(try plan.train(norm, on: digits, observe: report).course)
    }
    print(table(of: courses), terminator: "")
    let folder = URL(filePath: output).deletingLastPathComponent()
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try Data(curves(of: courses).utf8).write(to: URL(filePath: output))
    print("\nwritten: \(output)")
  }
}

/// Says how far a training is.
private func report(_ course: Course) {
  guard let epoch = course.epochs.last else { return }
  let text = String(
    format: "epoch %2d: loss %.4f, in the test %.4f, accuracy %.1f %%", course.epochs.count,
    epoch.trainingLoss, epoch.testLoss, epoch.testAccuracy * 100)
  writeLine("\(course.norm), \(text)")
}

/// The last epoch of each course.
private func table(of courses: [Course]) -> String {
  let width = courses.map(\.norm.count).max() ?? 4
  let head = "norm".padding(toLength: width, withPad: " ", startingAt: 0)
  let rows = courses.compactMap { course in
    course.epochs.last.map { epoch in
      course.norm.padding(toLength: width, withPad: " ", startingAt: 0)
        + String(
          format: "  %13.4f  %9.4f  %13.1f %%", epoch.trainingLoss, epoch.testLoss,
          epoch.testAccuracy * 100)
    }
  }
  return ([head + "  training loss  test loss  test accuracy"] + rows)
    .joined(separator: "\n") + "\n"
}

/// Progress goes to the standard error.
private func writeLine(_ line: String) {
  FileHandle.standardError.write(Data((line + "\n").utf8))
}
