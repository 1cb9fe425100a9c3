import Diagrams
import Foundation
import LoopIR

/// The bandwidth that each engine reaches in each case, under what the machine can do: a diagram
/// for each direction, bytes of a call to the right, GB/s upwards.
package struct Roofline {
  private let rows: [TableRow]
  private let bandwidths: Bandwidths
  private let engines: [String]
  private let titles: [String]

  package init(_ rows: [TableRow], _ bandwidths: Bandwidths) {
    self.rows = rows
    self.bandwidths = bandwidths
    let standard = rows.flatMap { $0.results.filter(\.variant.isEmpty).map(\.engine) }
    engines = ordered(standard)
    titles = ordered(rows.map(\.title))
  }

  /// The diagrams, above each other, with a legend on the right.
  package var svg: String {
    let height = max(Double(titles.count) * 15 + 330, 2 * panelHeight + 40)
    var drawing = Drawing(width: 1220, height: height)
    for (index, direction) in Direction.standard.enumerated() {
      draw(direction, top: 20 + Double(index) * panelHeight, in: &drawing)
    }
    drawLegend(in: &drawing)
    return drawing.svg
  }

  private let panelHeight = 460.0
  private let left = 70.0
  private let right = 820.0

  private func draw(_ direction: Direction, top: Double, in drawing: inout Drawing) {
    let rows = rows.filter { $0.direction == direction }
    let all = self.rows
    let horizontal = LogarithmicAxis(
      all.map { Double($0.bytes) } + bandwidths.copies.map { Double($0.byteCount) },
      from: left, to: right)
    // What is very slow would squeeze the others: it lies on the axis.
    let reached = all.flatMap { row in
      row.results.map { Double(row.bytes) / $0.timing.median }.filter { $0 >= 2 }
    }
    let vertical = LogarithmicAxis(
      reached + bandwidths.levels.map(\.bandwidth) + bandwidths.copies.map(\.bandwidth),
      from: top + panelHeight - 75, to: top + 25)
    drawAxes(direction, horizontal, vertical, in: &drawing)
    drawRoof(horizontal, vertical, in: &drawing)
    let columns = apart(rows.map { horizontal.place(Double($0.bytes)) }, by: 15)
    for (row, column) in zip(rows, columns) { draw(row, at: column, vertical, in: &drawing) }
  }

  private func drawAxes(
    _ direction: Direction, _ x: LogarithmicAxis, _ y: LogarithmicAxis, in drawing: inout Drawing
  ) {
    drawing.label(direction.rawValue.capitalized, (left, y.end - 8), size: 15)
    for tick in x.ticks.filter({ log10($0) == log10($0).rounded() }) {
      drawing.line((x.place(tick), y.start), (x.place(tick), y.end), "#eee")
      drawing.label(byteText(tick), (x.place(tick), y.start + 16), .middle)
    }
    for tick in y.ticks {
      drawing.line((left, y.place(tick)), (right, y.place(tick)), "#eee")
      drawing.label(String(format: "%g", tick), (left - 6, y.place(tick) + 4), .end)
    }
    drawing.line((left, y.start), (right, y.start), "#222")
    drawing.line((left, y.start), (left, y.end), "#222")
    drawing.label(
      "bytes of a call: inputs and outputs, each counted once (neighbours are moved apart)",
      ((left + right) / 2, y.start + 36),
      .middle, size: 12)
    drawing.label("GB/s", (left - 48, (y.start + y.end) / 2), .middle, size: 12, turned: true)
  }

  /// What the machine can do.
  private func drawRoof(
    _ x: LogarithmicAxis, _ y: LogarithmicAxis, in drawing: inout Drawing
  ) {
    let heights = bandwidths.levels.map { y.place($0.bandwidth) }
    for (level, (height, line)) in zip(bandwidths.levels, zip(apart(heights, by: 12), heights)) {
      drawing.line((left, line), (right, line), "#888", dashes: "6 4")
      drawing.label(
        "\(level.name), read: \(digits(level.bandwidth)) GB/s", (right + 4, height + 4),
        size: 10, colour: "#555")
    }
    let points = bandwidths.copies.map { (x.place(Double($0.byteCount)), y.place($0.bandwidth)) }
    drawing.curve(points, copyColour, width: 1.5)
  }

  private func draw(
    _ row: TableRow, at column: Double, _ y: LogarithmicAxis, in drawing: inout Drawing
  ) {
    let heights = engines.compactMap { engine -> Double? in
      guard let time = row.time(engine), time > 0 else { return nil }
      return y.place(max(Double(row.bytes) / time, y.range.lowerBound))
    }
    if let highest = heights.min(), let lowest = heights.max(),
      let number = titles.firstIndex(of: row.title)
    {
      drawing.line((column, highest), (column, lowest), "#bbb", width: 0.7)
      drawing.label(String(number + 1), (column, highest - 7), .middle, size: 10)
    }
    for (index, engine) in engines.enumerated() {
      guard let time = row.time(engine), time > 0 else { continue }
      let bandwidth = max(Double(row.bytes) / time, y.range.lowerBound)
      let speed = "\(duration(time)), \(digits(Double(row.bytes) / time)) GB/s"
      drawing.point(
        (column, y.place(bandwidth)), colour(index),
        title: "\(row.title) \(row.direction.rawValue), \(engine): \(speed)")
    }
  }

  private func drawLegend(in drawing: inout Drawing) {
    let x = right + 150
    var y = 45.0
    for (index, engine) in engines.enumerated() {
      drawing.point((x, y - 4), colour(index), title: engine)
      drawing.label(engine, (x + 12, y))
      y += 17
    }
    drawing.line((x - 6, y - 4), (x + 6, y - 4), copyColour, width: 1.5)
    drawing.label("memcpy, reads and writes", (x + 12, y))
    y += 30
    for (index, title) in titles.enumerated() {
      drawing.label("\(index + 1)", (x + 8, y), .end, colour: "#555")
      drawing.label(title, (x + 14, y))
      y += 15
    }
  }

  private let copyColour = "#b33"
}

/// Places in the same order, each at least `distance` from its neighbours, and as near as that
/// allows to where it was.
func apart(_ places: [Double], by distance: Double) -> [Double] {
  let order = places.indices.sorted { (places[$0], $0) < (places[$1], $1) }
  var moved = order.map { places[$0] }
  // Neighbours push each other away in equal parts until none is too near.
  for _ in 0..<1000 {
    var isDone = true
    for index in moved.indices.dropFirst() {
      let missing = distance - (moved[index] - moved[index - 1])
      guard missing > 0.01 else { continue }
      moved[index - 1] -= missing / 2
      moved[index] += missing / 2
      isDone = false
    }
    if isDone { break }
  }
  var result = places
  for (place, index) in zip(moved, order) { result[index] = place }
  return result
}

/// Each name once, in order of first appearance.
private func ordered(_ names: [String]) -> [String] {
  var seen = Set<String>()
  return names.filter { seen.insert($0).inserted }
}

/// A power of ten as bytes: `10 kB`.
private func byteText(_ bytes: Double) -> String {
  let (divisor, unit) =
    bytes < 1e3 ? (1, "B") : bytes < 1e6 ? (1e3, "kB") : bytes < 1e9 ? (1e6, "MB") : (1e9, "GB")
  return String(format: "%g \(unit)", bytes / divisor)
}
