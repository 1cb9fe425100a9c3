/// An expression as text that remembers its parts, so that a smaller one can stand for it:
/// `Piece("sqrt(\(a) + 0.1)")`.
struct Piece: ExpressibleByStringInterpolation {
  fileprivate var parts: [Part]

  fileprivate enum Part {
    case text(String)
    case piece(Piece)
  }

  struct StringInterpolation: StringInterpolationProtocol {
    fileprivate var parts: [Part] = []

    init(literalCapacity: Int, interpolationCount: Int) {}

    mutating func appendLiteral(_ literal: String) { parts.append(.text(literal)) }
    mutating func appendInterpolation(_ piece: Piece) { parts.append(.piece(piece)) }
    mutating func appendInterpolation(_ text: String) { parts.append(.text(text)) }
    mutating func appendInterpolation(_ number: Int) { parts.append(.text(String(number))) }
  }

  init(stringLiteral value: String) { parts = [.text(value)] }
  init(stringInterpolation: StringInterpolation) { parts = stringInterpolation.parts }
  init(_ piece: Piece) { self = piece }
  init(text: String) { parts = [.text(text)] }

  var text: String {
    parts.map { part in
      switch part {
      case .text(let text): text
      case .piece(let piece): piece.text
      }
    }.joined()
  }

  /// Expressions in which a part stands for what it is a part of, larger cuts first.
  var smaller: [Piece] {
    let children = parts.compactMap { part -> Piece? in
      if case .piece(let piece) = part { piece } else { nil }
    }
    var result = children
    if !(children.isEmpty && text.count < 4) { result.append(Piece(text: "1")) }
    for (place, part) in parts.enumerated() {
      guard case .piece(let piece) = part else { continue }
      result += piece.smaller.map { cut in
        var copy = self
        copy.parts[place] = .piece(cut)
        return copy
      }
    }
    return result
  }
}

/// A statement of a norm.
indirect enum SpecStatement {
  /// A declaration or clause that is kept or dropped as a whole.
  case plain(String)
  /// `y = `, `next s = `, `grad u = ` or `divide by `, and an expression.
  case line(String, Piece)
  /// `train`, `eval` or `gradient of z by g`, and what stands in its braces.
  case block(String, [SpecStatement])

  fileprivate func write(to lines: inout [String], indent: String) {
    switch self {
    case .plain(let text): lines.append(indent + text)
    case .line(let head, let piece): lines.append(indent + head + piece.text)
    case .block(let head, let body):
      lines.append(indent + head + " {")
      for statement in body { statement.write(to: &lines, indent: indent + "  ") }
      lines.append(indent + "}")
    }
  }

  /// This statement with one cut.
  fileprivate var smaller: [SpecStatement] {
    switch self {
    case .plain: []
    case .line(let head, let piece): piece.smaller.map { .line(head, $0) }
    case .block(let head, let body): body.smaller.map { .block(head, $0) }
    }
  }
}

extension [SpecStatement] {
  /// These statements with one of them left out or made smaller.
  fileprivate var smaller: [[SpecStatement]] {
    var result: [[SpecStatement]] = []
    for place in indices.reversed() {
      var copy = self
      copy.remove(at: place)
      result.append(copy)
    }
    for place in indices {
      result += self[place].smaller.map { statement in
        var copy = self
        copy[place] = statement
        return copy
      }
    }
    return result
  }
}

/// A norm as text that can be made smaller.
struct Spec {
  var name: String
  var documentation: String?
  /// `x[N..., C]`, as in the head.
  var tensors: [String]
  var outputs: [String]
  var statements: [SpecStatement]

  var text: String {
    var lines = documentation.map { ["/// " + $0] } ?? []
    lines.append(
      "norm \(name)(\(tensors.joined(separator: ", "))) -> \(outputs.joined(separator: ", ")) {")
    for statement in statements { statement.write(to: &lines, indent: "  ") }
    lines.append("}")
    return lines.joined(separator: "\n") + "\n"
  }

  /// Norms with one thing less, most of which are no longer right.
  var smaller: [Spec] {
    var result: [Spec] = []
    for place in outputs.indices where outputs.count > 1 {
      var copy = self
      copy.outputs.remove(at: place)
      result.append(copy)
    }
    for place in tensors.indices where tensors.count > 1 {
      var copy = self
      copy.tensors.remove(at: place)
      result.append(copy)
    }
    return result
      + statements.smaller.map { statements in
        var copy = self
        copy.statements = statements
        return copy
      }
  }
}
