import Foundation
import NormGen
import TestSupport
import Testing

/// The C of norms on arm64 gives the bits that it gives here. `make arm` installs what this needs.
@Suite(.enabled(if: hasTools, "needs aarch64-linux-gnu-gcc and qemu-aarch64: make arm"))
struct ArmTests {
  @Test(
    arguments: ["layer_norm", "batch_norm", "group_norm", "power_norm", "softmax"],
    Options.Scalar.wide)
  func theBitsAreThoseOfThisMachine(_ name: String, _ type: Options.Scalar) throws {
    try expectSameReports(name, type)
  }

  @Test(arguments: Options.Scalar.short)
  func sixteenBitsAreConvertedAlike(_ type: Options.Scalar) throws {
    try expectSameReports("rms_norm", type)
  }

  private func expectSameReports(_ name: String, _ type: Options.Scalar) throws {
    let norm = try TestNorm.ofSpec(name)
    let sizes =
      [
        [3, 7, 5], [1, 1025, 2], [5, 63, 1], [2, 3, 130], [67, 3, 9], [1100, 2, 1], [2, 1, 4200],
      ]
      .map { lengths in norm.sizes { lengths[$0 % 3] } }
    var options = Options()
    options.type = type
    let compiled = try compile(norm.checked, options)
    let (here, there) = try withDirectory { directory in
      for (file, text) in [
        ("\(name).h", compiled.header), ("\(name).c", compiled.source),
        ("driver.c", driverText(for: compiled.interface, sizes)),
      ] {
        try text.write(
          to: directory.appendingPathComponent(file), atomically: false, encoding: .utf8)
      }
      let files = ["-std=gnu11", "-DREPORT", "driver.c", "\(name).c", "-lm"]
      return (
        try output("gcc", ["-O1", "-o", "here"] + files, ["./here"], directory),
        try output(
          "aarch64-linux-gnu-gcc", ["-O2", "-static", "-o", "there"] + files,
          ["qemu-aarch64", "./there"], directory)
      )
    }
    #expect(here.count > 2 * sizes.count * 4, "the driver reports each array of each call")
    for (mine, other) in zip(here, there) {
      #expect(mine == other, "\(name) \(type.rawValue)")
    }
    #expect(here.count == there.count)
  }

  /// The lines that a program writes, once it is built.
  private func output(
    _ compiler: String, _ arguments: [String], _ command: [String], _ directory: URL
  ) throws -> [Substring] {
    let built = try run(compiler, arguments, in: directory)
    try #require(built.status == 0, "\(built.output)")
    let ended = try run(command[0], Array(command.dropFirst()), in: directory)
    try #require(ended.status == 0, "\(command) ended with \(ended.status): \(ended.output)")
    return ended.output.split(separator: "\n")
  }
}

private let hasTools = ["aarch64-linux-gnu-gcc", "qemu-aarch64"].allSatisfy { tool in
  (try? run(tool, ["--version"], in: FileManager.default.temporaryDirectory))?.status == 0
}
