/// Leaves the definitions out of a text of C that nothing in it needs.
///
/// Before: a file with the whole prelude. After: the same file with what its kernels use of it.
///
/// A definition is a macro, an enumeration, a `typedef` or a function marked `HELPER`, `INLINE` or
/// `SHARED`, with the comment directly before it. It is needed if a part of the text that stays
/// mentions a name that it gives; everything else stays. A name may be defined several times, once
/// for each condition of the preprocessor; conditions with nothing left between them go as well.
struct DefinitionPruning {
  private let parts: [CTextPart]

  /// `text` without what nothing in it needs.
  static func pruned(_ text: String) -> String {
    let pruning = DefinitionPruning(parts: CTextPart.parts(of: text))
    var writer = PrunedText()
    let needed = pruning.needed
    for part in pruning.parts
    where part.names.isEmpty || part.names.contains(where: needed.contains) {
      writer.add(part)
    }
    return writer.text
  }

  /// The names that the parts that stay mention.
  private var needed: Set<Substring> {
    var definitions: [Substring: [Int]] = [:]
    for (i, part) in parts.enumerated() {
      for name in part.names where part.kind != .undefinition {
        definitions[name, default: []] += [i]
      }
    }
    var needed = Set<Substring>()
    var waiting = parts.indices.filter { parts[$0].names.isEmpty }
    while let part = waiting.popLast() {
      for name in parts[part].mentioned where needed.insert(name).inserted {
        waiting += definitions[name, default: []]
      }
    }
    return needed
  }
}

extension CFile {
  /// The text of the file without the definitions that nothing in it needs.
  package var prunedText: String { DefinitionPruning.pruned(text) }
}

/// Gathers the parts that stay: no two blank lines in a row, no empty conditions.
private struct PrunedText {
  /// The lines from one `#if` to where the text is.
  private struct Condition {
    var lines: [Substring] = []
    var isEmpty = true
    /// The lines from the last `#else` on, if nothing stands behind it.
    var emptyElse: Int?

    mutating func add(_ more: [Substring]) {
      lines += more
      isEmpty = false
      emptyElse = nil
    }
  }

  private var open: [Condition] = [Condition()]

  var text: String { open.flatMap(\.lines).map { $0 + "\n" }.joined() }

  mutating func add(_ part: CTextPart) {
    let last = open.count - 1
    switch part.kind {
    case .blank:
      if let before = open[last].lines.last, !before.isEmpty { open[last].lines.append("") }
    case .condition:
      open.append(Condition(lines: part.lines))
    case .alternative:
      open[last].emptyElse = open[last].lines.count
      open[last].lines += part.lines
    case .conditionEnd:
      close(with: part.lines)
    case .definition, .undefinition, .other:
      open[last].add(part.lines)
    }
  }

  private mutating func close(with end: [Substring]) {
    guard open.count > 1, var condition = open.popLast(), !condition.isEmpty else { return }
    if let start = condition.emptyElse, condition.lines[start].hasPrefix("#else") {
      condition.lines.removeSubrange(start...)
    }
    open[open.count - 1].add(condition.lines + end)
  }
}
