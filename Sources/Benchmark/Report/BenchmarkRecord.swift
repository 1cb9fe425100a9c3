import Foundation
import NormGen

/// How long one engine needs for one case.
package struct BenchmarkRecord: Equatable, Sendable {
  /// What was computed: the norm, the direction and the sizes.
  package var name: String
  package var engine: String
  package var threads: Int
  /// Nanoseconds of one call.
  package var median: Double
  /// The distance of the quartiles, in nanoseconds.
  package var spread: Double
  /// The bytes of inputs and outputs, each counted once.
  package var bytes: Int
  /// The nanoseconds in which `memcpy` moves as many bytes.
  package var copy: Double
  /// The median in units of `copy`.
  package var ratio: Double
  /// How far the results are from what they were compared with, in units of the largest number of
  /// their array, at least 1; `nil` if they were not compared.
  package var deviation: Double?

  package init(
    name: String, engine: String, threads: Int, _ timing: Timing, bytes: Int, copy: Timing
  ) {
    self.name = name
    self.engine = engine
    self.threads = threads
    median = timing.median.rounded(toMultipleOf: 0.1)
    spread = timing.spread.rounded(toMultipleOf: 0.1)
    self.bytes = bytes
    self.copy = copy.median.rounded(toMultipleOf: 0.1)
    ratio = copy.median > 0 ? (timing.median / copy.median).rounded(toMultipleOf: 0.001) : 0
  }

  /// In GB/s: bytes per nanosecond.
  package var bandwidth: Double { median > 0 ? Double(bytes) / median : 0 }

  /// `true` iff both measure the same.
  package func isComparable(to other: BenchmarkRecord) -> Bool {
    name == other.name && engine == other.engine && threads == other.threads
  }
}

extension Double {
  /// What a clock cannot tell apart need not be written.
  fileprivate func rounded(toMultipleOf step: Double) -> Double {
    let steps = 1 / step
    return (self * steps).rounded() / steps
  }
}

extension BenchmarkRecord: Codable {
  private enum CodingKeys: String, CodingKey {
    case name = "case"
    case engine, threads
    case median = "median_ns"
    case spread = "spread_ns"
    case bytes
    case copy = "memcpy_ns"
    case ratio, deviation
  }
}

/// JSON has no infinity, which a deviation may be.
private let infinity = "inf"

/// Records as JSON: an array of objects, one on each line.
package func json(_ records: [BenchmarkRecord]) throws -> String {
  let encoder = JSONEncoder()
  encoder.nonConformingFloatEncodingStrategy = .convertToString(
    positiveInfinity: infinity, negativeInfinity: "-" + infinity, nan: "nan")
  encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
  let lines = try records.map { String(decoding: try encoder.encode($0), as: UTF8.self) }
  return "[\n" + lines.joined(separator: ",\n") + "\n]\n"
}

/// The records of a file that `json` wrote.
///
/// - Throws: `InputError` if it cannot be read, or holds something else.
package func loadRecords(_ path: String) throws(InputError) -> [BenchmarkRecord] {
  let bytes = try readBytes(path)
  do {
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: infinity, negativeInfinity: "-" + infinity, nan: "nan")
    return try decoder.decode([BenchmarkRecord].self, from: Data(bytes))
  } catch {
    throw InputError("\(path): holds no results of a benchmark as --json writes them")
  }
}
