import ArgumentParser
import Benchmark
import Foundation
import NormGen

/// `benchmark-table`: what `make bench` runs.
@main
struct BenchmarkTableCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "benchmark-table",
    abstract: "Measures the cases of Benchmarks/cases.json.",
    discussion: """
      Prints a table, and writes the same as results.json and a diagram as roofline.svg.
      """)

  @Option(help: "The root of the package.")
  var root = "."

  @Option(help: "The directory for results.")
  var output = ".build/bench"

  @Flag(help: "Take a fifth of the time.")
  var quick = false

  @Option(help: "Only cases whose title contains this.")
  var only: String?

  @Option(help: "A Python that has other libraries, which are measured beside ours.")
  var peers: String?

  @Option(
    help: ArgumentHelp("Also compare with an earlier run.", valueName: "results.json"))
  var against: String?

  func run() throws {
    do {
      try measure()
    } catch let error as InputError {
      writeLine("error: \(error)")
      throw ExitCode(1)
    }
  }

  private func measure() throws {
    // A program for the peers that ends shows when its answer is read.
    signal(SIGPIPE, SIG_IGN)
    let files = TableFiles(root: root)
    let earlier = try against.map { try loadRecords($0) }
    let cases = try files.cases().filter { row in only.map(row.title.contains) ?? true }
    guard !cases.isEmpty else { throw InputError("no case has such a title") }
    let peers = try self.peers.map {
      try Peers(python: $0, script: "\(root)/Benchmarks/peers.py")
    }
    writeLine("measuring what the machine can do ...")
    let bandwidths = try Bandwidths(seconds: quick ? 0.05 : 0.3)
    var run = TableRun(
      files, seconds: quick ? 0.4 : 2.5, peers: peers, observe: writeLine)
    let rows = try run.rows(of: cases)
    let records = rows.flatMap(\.records)
    print(text(of: rows), terminator: "")
    if let earlier { print("\n" + comparison(of: records, to: earlier), terminator: "") }
    let results = [
      NewFile(name: "results.json", bytes: Array(try json(records).utf8)),
      NewFile(name: "roofline.svg", bytes: Array(Roofline(rows, bandwidths).svg.utf8)),
    ]
    try writeAtomically(results, into: output)
    print("\nwritten: \(output)/results.json, \(output)/roofline.svg")
  }
}

/// Progress goes to the standard error.
private func writeLine(_ line: String) {
  FileHandle.standardError.write(Data((line + "\n").utf8))
}
