/// A part of a text that may need several lines.
enum CPiece {
  case text(String)
  /// Where the line may end; printed as the string if it does not.
  case gap(String)
  /// Lines that begin before the matching `close` begin at this column, or further left where
  /// `hang` says so.
  case open(CHang)
  case close
}

/// When lines inside of an `open` begin four columns after the statement instead.
enum CHang {
  /// Never.
  case never
  /// When one of the items between gaps would not fit otherwise.
  case forLongItems
  /// When a text without any gap would not fit otherwise.
  case forLongWords
}

/// Fills lines with pieces. Of two gaps, the one inside fewer `open`s becomes a line end first.
struct CLineFiller {
  /// The widest line in columns.
  static let width = 100
  private static let hangingIndent = 4

  private let pieces: [CPiece]
  /// The indentation of the statement in columns.
  private let indent: Int
  private var lines: [String] = []
  private var line = ""
  /// The columns where the lines inside of each `open` begin.
  private var alignments: [Int] = []

  private init(_ pieces: [CPiece], indent: Int) {
    self.pieces = pieces
    self.indent = indent
    line = String(repeating: " ", count: indent)
  }

  /// The lines of `pieces`, the first of them indented by `indent` columns.
  static func lines(_ pieces: [CPiece], indent: Int) -> [String] {
    var filler = CLineFiller(pieces, indent: indent)
    filler.fill()
    return filler.lines
  }

  private mutating func fill() {
    for (i, piece) in pieces.enumerated() {
      switch piece {
      case .text(let text): line += text
      case .open(let hang): open(hang, after: i)
      case .close: alignments.removeLast()
      case .gap(let space): gap(space, after: i)
      }
    }
    lines.append(line)
  }

  private mutating func open(_ hang: CHang, after i: Int) {
    let hanging = indent + Self.hangingIndent
    let needed: Int
    switch hang {
    case .never: needed = 0
    case .forLongItems: needed = widestItem(after: i)
    case .forLongWords: needed = widestWord(after: i)
    }
    if line.count > hanging, line.count + needed > Self.width {
      alignments.append(hanging)
      endLine()
    } else {
      alignments.append(line.count)
    }
  }

  private mutating func gap(_ space: String, after i: Int) {
    let next = item(after: i).width
    if line.count + space.count + next <= Self.width {
      line += space
    } else {
      endLine()
    }
  }

  private mutating func endLine() {
    while line.last == " " { line.removeLast() }
    lines.append(line)
    line = String(repeating: " ", count: alignments.last ?? indent + Self.hangingIndent)
  }

  /// The width on one line of what follows `i` up to the next gap that is not deeper, the index
  /// of that gap, and how many more `open`s than `close`s stand before it.
  private func item(after i: Int) -> (width: Int, end: Int, depth: Int) {
    var width = 0
    var depth = 0
    for (j, piece) in pieces.enumerated().dropFirst(i + 1) {
      switch piece {
      case .text(let text): width += text.count
      case .open: depth += 1
      case .close: depth -= 1
      case .gap(let space):
        if depth <= 0 { return (width, j, depth) }
        width += space.count
      }
    }
    return (width, pieces.count, depth)
  }

  /// The width of the widest item directly inside of the `open` at `i`.
  private func widestItem(after i: Int) -> Int {
    var widest = 0
    var start = i
    while start < pieces.count {
      let next = item(after: start)
      widest = max(widest, next.width)
      if next.depth < 0 { break }
      start = next.end
    }
    return widest
  }

  /// The width of the widest text without a gap inside of the `open` at `i`.
  private func widestWord(after i: Int) -> Int {
    var widest = 0
    var width = 0
    var depth = 0
    for piece in pieces.dropFirst(i + 1) where depth >= 0 {
      switch piece {
      case .text(let text): width += text.count
      case .open: depth += 1
      case .close: depth -= 1
      case .gap: width = 0
      }
      widest = max(widest, width)
    }
    return widest
  }
}
