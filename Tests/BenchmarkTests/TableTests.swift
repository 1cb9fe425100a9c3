import Foundation
import LoopIR
import NormGen
import Testing

@testable import Benchmark

/// The table of `make bench`, on sizes that take no time. Nothing here asserts a speed.
@Suite struct TableTests {
  private let files = TableFiles(root: package.path)
  private let small = TableCase(
    title: "LayerNorm 3x5", spec: "specs/layer_norm.norm", sizes: ["N": 3, "C": 5], fixed: ["C"],
    threads: 2, peer: "layer_norm")

  @Test func eachCaseOfTheTableFitsItsNorm() throws {
    let cases = try files.cases()
    #expect(Set(cases.map(\.title)).count == cases.count)
    for row in cases {
      let norm = try files.norm(of: row)
      let sizes = try norm.norm.callSizes(given: row.sizes)
      for axis in row.fixed ?? [] { #expect(sizes.byName[axis] != nil, "\(row.title)") }
    }
  }

  @Test func aCaseIsMeasuredByAllEnginesInAllForms() throws {
    var log: [String] = []
    var run = TableRun(files, seconds: 0.001, peers: nil) { log.append($0) }
    let rows = try run.rows(of: [small])
    #expect(rows.map(\.direction) == [.forward, .backward])
    for row in rows {
      #expect(row.results.map(\.engine) == ["cc", "jit", "plain", "cc", "cc", "jit", "jit"])
      #expect(
        row.results.map(\.variant) == ["", "", "", "C fixed", "2 threads", "C fixed", "2 threads"])
      #expect(row.results.map(\.threads) == [1, 1, 1, 1, 2, 1, 2])
    }
    #expect(rows[0].bytes == 4 * (2 * 15 + 2 * 5 + 2 * 3))
    #expect(log.count == 3 && log[0] == "[1/1] LayerNorm 3x5 ...")
    let records = rows.flatMap(\.records)
    #expect(records.count == 14)
    #expect(records[4].name == "LayerNorm 3x5 forward, 2 threads")
    #expect(records[4].threads == 2)
  }

  @Test func whatIsWrongWithACaseIsSaid() throws {
    var run = TableRun(files, seconds: 0.001, peers: nil) { _ in }
    for change in [
      { $0.spec = "specs/absent.norm" }, { $0.sizes = ["N": 3] }, { $0.type = "f8" },
      { $0.sizes["D"] = 3 },
    ] as [(inout TableCase) -> Void] {
      var wrong = small
      change(&wrong)
      #expect(throws: InputError.self, "\(wrong)") { try run.rows(of: [wrong]) }
    }
  }

  private func row(
    _ title: String, _ direction: Direction, _ times: KeyValuePairs<String, Double>
  ) -> TableRow {
    TableRow(
      title: title, direction: direction, bytes: 4000, copy: Timing([1000]),
      results: times.map { engine, time in
        TableRow.Result(
          engine: engine, variant: "", threads: 1, timing: Timing([time]),
          isPeer: engine == "torch" || engine == "onednn")
      })
  }

  @Test func theTableEndsWithGeometricMeans() {
    var first = row(
      "A", .forward,
      ["cc": 2000, "jit": 2000, "plain": 4000, "torch": 9000, "onednn": 8000])
    first.results.append(
      TableRow.Result(
        engine: "cc", variant: "C fixed", threads: 1, timing: Timing([1000]), isPeer: false))
    let second = row("A bf16", .forward, ["cc": 1000, "jit": 2000])
    let third = row("B", .forward, ["cc": 1000, "jit": 2000, "plain": 500])
    #expect(
      text(of: [first, second, third]) == """
        us                        memcpy  plain  cc    jit   onednn  torch  plain/cc  plain/jit  \
        jit/cc  cc/memcpy  peer/cc  peer/jit
        A               forward   1.00    4.00   2.00  2.00  8.00    9.00   2.00      2.00       \
        1.00    2.00       4.00     4.00
        A bf16          forward   1.00    -      1.00  2.00  -       -      -         -          \
        2.00    1.00       -        -
        B               forward   1.00    0.50   1.00  2.00  -       -      0.50      0.25       \
        2.00    1.00       -        -
        geometric mean  forward                                             1.00      0.71       \
        1.59    1.26       4.00     4.00
        geometric mean  backward                                            -         -          \
        -       -          -        -
        geometric mean  both                                                1.00      0.71       \
        1.59    1.26       4.00     4.00

        us           engine  variant  standard  variant  faster
        A   forward  cc      C fixed  2.00      1.00     2.00

        us           engine  type  f32   type  faster
        A   forward  cc      bf16  2.00  1.00  2.00
        A   forward  jit     bf16  2.00  2.00  1.00

        """)
  }
}
