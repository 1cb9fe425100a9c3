import Foundation
import NormGen

/// Records as a person reads them.
package func table(_ records: [BenchmarkRecord]) -> String {
  let isVerified = records.contains { $0.deviation != nil }
  var table = TextTable(
    columns: ["case", "engine", "threads", "median", "spread", "GB/s", "memcpy", "/ memcpy"]
      + (isVerified ? ["deviation"] : []))
  for record in records {
    let deviation = record.deviation.map { String(format: "%.1e", $0) } ?? "-"
    table.append(
      [
        record.name, record.engine, String(record.threads), duration(record.median),
        duration(record.spread), digits(record.bandwidth), duration(record.copy),
        String(format: "%.2f", record.ratio),
      ] + (isVerified ? [deviation] : []))
  }
  return table.text
}

/// What changed between two runs; a case that only one of them has is left out.
package func comparison(of records: [BenchmarkRecord], to earlier: [BenchmarkRecord]) -> String {
  var table = TextTable(columns: ["case", "engine", "threads", "before", "now", "now / before"])
  for record in records {
    guard let before = earlier.first(where: record.isComparable) else { continue }
    let ratio = before.median > 0 ? String(format: "%.2f", record.median / before.median) : "-"
    table.append([
      record.name, record.engine, String(record.threads), duration(before.median),
      duration(record.median), ratio,
    ])
  }
  return table.text
}

/// A time with three digits: `4.03 us`.
package func duration(_ nanoseconds: Double) -> String {
  var (number, unit) = (nanoseconds, 0)
  let units = ["ns", "us", "ms", "s"]
  while number >= 999.5, unit < units.count - 1 {
    number /= 1000
    unit += 1
  }
  return "\(digits(number)) \(units[unit])"
}

/// A number with three digits: `4.03`, `40.3`, `403`.
package func digits(_ number: Double) -> String {
  let places = number < 9.995 ? 2 : number < 99.95 ? 1 : 0
  return String(format: "%.\(places)f", number)
}
