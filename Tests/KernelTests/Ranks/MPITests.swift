import Foundation
import NormGen
import TestSupport
import Testing

/// Norms that processes compute together by MPI, in a program in C that uses the generated files.
/// `make mpi` installs what this needs.
@Suite(.enabled(if: hasMPI, "needs mpicc and mpirun: make mpi"))
struct MPITests {
  /// Beside the norms of `specs/`.
  private static let masked = """
    norm masked_sync_batch_norm(x[N, C, S...]) -> y {
      scalar eps = 1e-5, momentum = 0.1
      mask   valid[N, S]
      reduce ranks, N, S where valid
      center
      divide by std
      track ema(momentum), unbiased
      affine C
    }
    """

  /// The program compares by itself: outputs, states and gradients of 1 to 4 processes with those
  /// of one that holds everything, and the mean of means with its formula.
  @Test func processesTrainTogetherByMPI() throws {
    let across = Self.package + "/specs/across_samples/"
    let norms =
      try Norm.load(across + "sync_batch_norm.norm") + Norm.load(across + "sync_power_norm.norm")
      + Norm.parse(Self.masked)
    try withDirectory { directory in
      var sources = ["ranks.c", "processes.c", "processes.h"]
      for file in sources {
        try FileManager.default.copyItem(
          atPath: Self.package + "/Tests/MPI/" + file,
          toPath: directory.appendingPathComponent(file).path)
      }
      for norm in norms {
        let compiled = try compile(norm.checked, Options())
        for (file, text) in [("h", compiled.header), ("c", compiled.source)] {
          let url = directory.appendingPathComponent("\(norm.name).\(file)")
          try text.write(to: url, atomically: false, encoding: .utf8)
        }
        sources.append("\(norm.name).c")
      }
      let flags = ["-std=c11", "-Wall", "-Wextra", "-Wconversion", "-Werror", "-O1", "-o", "ranks"]
      let files = sources.filter { $0.hasSuffix(".c") } + ["-lm"]
      let built = try run("mpicc", flags + files, in: directory)
      try #require(built.status == 0, "\(built.output)")
      var fingerprints: [Substring] = []
      for processes in 1...4 {
        let runs = try (1...2).map { _ in try ran(processes, directory) }
        for run in runs { #expect(run.status == 0, "\(processes) processes: \(run.output)") }
        let lines = runs.map { run in run.output.matches(of: /[0-9a-f]{16}/).map(\.output) }
        #expect(lines[0].count == 1 && lines[0] == lines[1], "\(processes): other bits")
        fingerprints += lines[0]
      }
      #expect(fingerprints.count == 4)
      let tooMany = try ran(5, directory)
      #expect(tooMany.status != 0, "a comparison that fails is seen")
    }
  }

  private func ran(_ processes: Int, _ directory: URL) throws -> (status: Int32, output: String) {
    try run(
      "timeout",
      [
        "120", "mpirun", "--allow-run-as-root", "--oversubscribe", "-n", "\(processes)", "./ranks",
      ], in: directory)
  }

  private static let package = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().path
}

private let hasMPI = ["mpicc", "mpirun"].allSatisfy { tool in
  (try? run(tool, ["--version"], in: FileManager.default.temporaryDirectory))?.status == 0
}
