import Foundation
import NormGen
import Testing

@testable import Benchmark

/// The results of a benchmark as JSON and as tables.
@Suite struct RecordTests {
  private let record = BenchmarkRecord(
    name: "n forward f32 N=\"2\"", engine: "jit", threads: 1, Timing([100, 110, 150]), bytes: 880,
    copy: Timing([55]))

  @Test func aRecordHasExactlyTheMembersThatProgramsRead() throws {
    let text = try json([record, record])
    let objects = try #require(
      try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [[String: Any]])
    #expect(objects.count == 2)
    let object = try #require(objects.first)
    #expect(
      object.keys.sorted() == [
        "bytes", "case", "engine", "median_ns", "memcpy_ns", "ratio", "spread_ns", "threads",
      ])
    #expect(object["case"] as? String == "n forward f32 N=\"2\"")
    #expect(object["median_ns"] as? Double == 110 && object["spread_ns"] as? Double == 25)
    #expect(object["memcpy_ns"] as? Double == 55 && object["ratio"] as? Double == 2)
    #expect(object["bytes"] as? Int == 880 && object["threads"] as? Int == 1)
    #expect(text.split(separator: "\n").count == 4)
  }

  @Test func recordsAreReadAsTheyWereWritten() throws {
    let path = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path
    defer { try? FileManager.default.removeItem(atPath: path) }
    try Data(try json([record]).utf8).write(to: URL(filePath: path))
    #expect(try loadRecords(path) == [record])
    try Data("{}".utf8).write(to: URL(filePath: path))
    #expect(throws: InputError.self) { try loadRecords(path) }
    #expect(throws: InputError.self) { try loadRecords(path + ".absent") }
  }

  @Test func theComparisonHasWhatBothRunsHave() {
    var slower = record
    slower.median = 220
    var other = record
    other.engine = "cc"
    #expect(
      comparison(of: [slower, other], to: [record]) == """
        case                 engine  threads  before  now     now / before
        n forward f32 N="2"  jit     1        110 ns  220 ns  2.00

        """)
  }

  @Test func theTableHasUnitsThatFit() {
    #expect(
      table([record]) == """
        case                 engine  threads  median  spread   GB/s  memcpy   / memcpy
        n forward f32 N="2"  jit     1        110 ns  25.0 ns  8.00  55.0 ns  2.00

        """)
    let texts = [0, 9.99, 9.996, 99.96, 999.4, 999.6, 1e6, 4.2e10].map(duration)
    let expected = [
      "0.00 ns", "9.99 ns", "10.0 ns", "100 ns", "999 ns", "1.00 us", "1.00 ms", "42.0 s",
    ]
    #expect(texts == expected)
  }
}
