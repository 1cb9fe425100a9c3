/// Builds a text line by line, with indentation.
package struct TextWriter: Sendable {
  /// What was written so far.
  package private(set) var text = ""
  private var depth = 0
  private let step: String
  private var isAtLineStart = true

  /// A writer that indents each level by `step`.
  package init(step: String = "  ") {
    self.step = step
  }

  /// Appends `fragment`, which holds no line end, to the current line.
  package mutating func write(_ fragment: some StringProtocol) {
    if isAtLineStart, !fragment.isEmpty {
      for _ in 0..<depth { text += step }
      isAtLineStart = false
    }
    text += fragment
  }

  /// Appends `fragment` and ends the line.
  package mutating func line(_ fragment: some StringProtocol = "") {
    write(fragment)
    text += "\n"
    isAtLineStart = true
  }

  /// Runs `body` with one more level of indentation.
  package mutating func indented<Result>(
    _ body: (inout TextWriter) throws -> Result
  ) rethrows -> Result {
    depth += 1
    defer { depth -= 1 }
    return try body(&self)
  }
}
