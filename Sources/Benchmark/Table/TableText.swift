import Foundation
import LoopIR
import NormGen

/// The rows as tables: times in microseconds, then how many times faster ours are.
package func text(of rows: [TableRow]) -> String {
  var text = mainTable(rows)
  for further in [variantTable(rows), typeTable(rows)] where !further.isEmpty {
    text += "\n" + further
  }
  return text
}

/// The peers that were measured, in alphabetic order.
private func peers(_ rows: [TableRow]) -> [String] {
  Set(rows.flatMap { $0.results.filter(\.isPeer).map(\.engine) }).sorted()
}

/// A column of ratios of two times.
private struct Ratio {
  var title: String
  var value: (TableRow) -> Double?

  init(
    _ title: String, of dividend: @escaping (TableRow) -> Double?,
    to divisor: @escaping (TableRow) -> Double?
  ) {
    self.title = title
    value = { row in
      guard let dividend = dividend(row), let divisor = divisor(row), divisor > 0 else {
        return nil
      }
      return dividend / divisor
    }
  }
}

/// How many times slower others are than ours, and than one another.
private func ratios(_ rows: [TableRow]) -> [Ratio] {
  func time(_ engine: String) -> (TableRow) -> Double? { { $0.time(engine) } }
  var ratios = [
    Ratio("plain/cc", of: time("plain"), to: time("cc")),
    Ratio("plain/jit", of: time("plain"), to: time("jit")),
    Ratio("jit/cc", of: time("jit"), to: time("cc")),
    Ratio("cc/memcpy", of: time("cc"), to: { $0.copy.median }),
  ]
  if !peers(rows).isEmpty {
    ratios += [
      Ratio("peer/cc", of: { $0.bestPeer?.timing.median }, to: time("cc")),
      Ratio("peer/jit", of: { $0.bestPeer?.timing.median }, to: time("jit")),
    ]
  }
  return ratios
}

private func mainTable(_ rows: [TableRow]) -> String {
  let engines = ["memcpy", "plain", "cc", "jit"] + peers(rows)
  let ratios = ratios(rows)
  var table = TextTable(columns: ["us", ""] + engines + ratios.map(\.title))
  for row in rows {
    let times = engines.map { engine in
      let time = engine == "memcpy" ? row.copy.median : row.time(engine)
      return time.map { digits($0 / 1000) } ?? "-"
    }
    table.append([row.title, row.direction.rawValue] + times + ratios.map { show($0.value(row)) })
  }
  for direction in Direction.standard {
    let some = rows.filter { $0.direction == direction }
    let means = ratios.map { ratio in show(geometricMean(some.compactMap(ratio.value))) }
    table.append(["geometric mean", direction.rawValue] + engines.map { _ in "" } + means)
  }
  let means = ratios.map { ratio in show(geometricMean(rows.compactMap(ratio.value))) }
  table.append(["geometric mean", "both"] + engines.map { _ in "" } + means)
  return table.text
}

/// What differs from the standard form, beside that form.
private func variantTable(_ rows: [TableRow]) -> String {
  var table = TextTable(columns: ["us", "", "engine", "variant", "standard", "variant", "faster"])
  var isEmpty = true
  for row in rows {
    for result in row.results where !result.variant.isEmpty {
      guard let standard = row.time(result.engine) else { continue }
      isEmpty = false
      let time = result.timing.median
      table.append([
        row.title, row.direction.rawValue, result.engine, result.variant,
        digits(standard / 1000), digits(time / 1000), show(standard / time),
      ])
    }
  }
  return isEmpty ? "" : table.text
}

/// Types of 16 and 64 bits, beside f32 where the same case has it.
private func typeTable(_ rows: [TableRow]) -> String {
  var table = TextTable(columns: ["us", "", "engine", "type", "f32", "type", "faster"])
  var isEmpty = true
  for row in rows {
    let words = row.title.split(separator: " ")
    guard let type = words.last.flatMap({ Options.Scalar(rawValue: String($0)) }) else { continue }
    let title = words.dropLast().joined(separator: " ")
    let base = rows.first { $0.title == title && $0.direction == row.direction }
    for engine in ["cc", "jit"] {
      guard let standard = base?.time(engine), let time = row.time(engine) else { continue }
      isEmpty = false
      table.append([
        title, row.direction.rawValue, engine, type.rawValue, digits(standard / 1000),
        digits(time / 1000), show(standard / time),
      ])
    }
  }
  return isEmpty ? "" : table.text
}

private func show(_ ratio: Double?) -> String { ratio.map { String(format: "%.2f", $0) } ?? "-" }

/// The geometric mean; `nil` of nothing.
package func geometricMean(_ numbers: [Double]) -> Double? {
  guard !numbers.isEmpty else { return nil }
  return exp(numbers.reduce(0) { $0 + log($1) } / Double(numbers.count))
}
