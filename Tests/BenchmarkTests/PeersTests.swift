import Foundation
import LoopIR
import NormGen
import Testing

@testable import Benchmark

/// The conversation with the program that measures other libraries: here a shell script.
@Suite struct PeersTests {
  private let row = TableCase(
    title: "LayerNorm 3x5", spec: "specs/layer_norm.norm", sizes: ["N": 3, "C": 5],
    peer: "layer_norm")

  /// What is measured by a program that answers each request by `script`.
  private func measure(_ script: String) throws -> [(name: String, samples: [Double])] {
    let file = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try Data(script.utf8).write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    let peers = try Peers(python: "/bin/sh", script: file.path)
    _ = try peers.measure(row, .forward, seconds: 0.1)
    return try peers.measure(row, .backward, seconds: 0.1)
  }

  @Test func eachRequestHasOneAnswer() throws {
    let found = try measure(
      """
      while read -r line; do
        case "$line" in
          *backward*) echo '{"times": {"torch": [3, 4], "onednn": [5]}}' ;;
          *) echo '{"times": {}}' ;;
        esac
      done
      """)
    #expect(found.map(\.name) == ["onednn", "torch"])
    #expect(found.map(\.samples) == [[5], [3, 4]])
  }

  @Test(arguments: [
    "read -r line; exit 0", "while read -r line; do echo '{\"error\": \"no such norm\"}'; done",
  ])
  func whatGoesWrongIsSaid(script: String) {
    #expect(throws: InputError.self) { try measure(script) }
  }

  @Test func aMissingPythonIsSaid() {
    #expect(throws: InputError.self) { try Peers(python: "/absent/python", script: "peers.py") }
  }

  @Test func peersStandBesideOurs() throws {
    let file = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try Data("while read -r l; do echo '{\"times\": {\"torch\": [7]}}'; done".utf8).write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    let peers = try Peers(python: "/bin/sh", script: file.path)
    var run = TableRun(TableFiles(root: package.path), seconds: 0.003, peers: peers) { _ in }
    let rows = try run.rows(of: [row])
    for row in rows {
      #expect(row.bestPeer?.engine == "torch" && row.bestPeer?.timing.samples == [7, 7, 7])
    }
  }
}
