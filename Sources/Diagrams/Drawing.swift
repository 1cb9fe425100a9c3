import Foundation

/// A drawing as SVG, element by element.
package struct Drawing {
  private let width: Double
  private let height: Double
  private var elements: [String] = []

  package init(width: Double, height: Double) {
    self.width = width
    self.height = height
  }

  package enum Anchor: String { case start, middle, end }

  package mutating func line(
    _ from: (x: Double, y: Double), _ to: (x: Double, y: Double), _ colour: String,
    width: Double = 1, dashes: String? = nil
  ) {
    let dashed = dashes.map { " stroke-dasharray=\"\($0)\"" } ?? ""
    elements.append(
      "<line x1=\"\(text(from.x))\" y1=\"\(text(from.y))\" x2=\"\(text(to.x))\""
        + " y2=\"\(text(to.y))\" stroke=\"\(colour)\" stroke-width=\"\(text(width))\"\(dashed)/>")
  }

  package mutating func curve(_ points: [(x: Double, y: Double)], _ colour: String, width: Double) {
    let list = points.map { "\(text($0.x)),\(text($0.y))" }.joined(separator: " ")
    elements.append(
      "<polyline points=\"\(list)\" fill=\"none\" stroke=\"\(colour)\""
        + " stroke-width=\"\(text(width))\"/>")
  }

  /// A point that says `title` where the pointer rests on it.
  package mutating func point(_ at: (x: Double, y: Double), _ colour: String, title: String) {
    elements.append(
      "<circle cx=\"\(text(at.x))\" cy=\"\(text(at.y))\" r=\"4\" fill=\"\(colour)\""
        + " stroke=\"white\" stroke-width=\"0.8\"><title>\(escaped(title))</title></circle>")
  }

  package mutating func label(
    _ content: String, _ at: (x: Double, y: Double), _ anchor: Anchor = .start, size: Int = 11,
    colour: String = "#222", turned: Bool = false
  ) {
    let turn = turned ? " transform=\"rotate(-90 \(text(at.x)) \(text(at.y)))\"" : ""
    elements.append(
      "<text x=\"\(text(at.x))\" y=\"\(text(at.y))\" text-anchor=\"\(anchor.rawValue)\""
        + " font-size=\"\(size)\" fill=\"\(colour)\"\(turn)>\(escaped(content))</text>")
  }

  /// The whole file.
  package var svg: String {
    let size = "width=\"\(text(width))\" height=\"\(text(height))\""
    return """
      <svg xmlns="http://www.w3.org/2000/svg" \(size) viewBox="0 0 \(text(width)) \(text(height))" \
      font-family="Helvetica, Arial, DejaVu Sans, sans-serif">
      <rect \(size) fill="white"/>
      \(elements.joined(separator: "\n"))
      </svg>

      """
  }

  private func text(_ number: Double) -> String {
    let rounded = (number * 10).rounded() / 10
    return rounded == rounded.rounded() ? String(Int(rounded)) : String(rounded)
  }

  private func escaped(_ text: String) -> String {
    text.replacingOccurrences(of: "&", with: "&amp;")
      .replacingOccurrences(of: "<", with: "&lt;").replacingOccurrences(of: ">", with: "&gt;")
  }
}

/// A colour for each of several things that are drawn together; they differ for colour-blind
/// readers, too (Okabe, Ito).
package func colour(_ index: Int) -> String {
  let colours = ["#0072b2", "#e69f00", "#777777", "#009e73", "#cc79a7", "#56b4e9", "#d55e00"]
  return colours[index % colours.count]
}
