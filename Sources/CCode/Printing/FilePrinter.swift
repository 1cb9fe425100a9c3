extension CFile {
  /// The text of the file.
  package var text: String {
    items.map { item in
      if case .raw(let text) = item { return text + "\n" }
      return item.lines.map { $0 + "\n" }.joined()
    }.joined(separator: "\n")
  }
}

extension CFunction {
  /// The text of the function with its comment, each line with its line end.
  package var text: String {
    CItem.function(self).lines.map { $0 + "\n" }.joined()
  }
}

extension CItem {
  fileprivate var lines: [String] {
    switch self {
    case .comment(let text): CComment.lines(text, indent: 0)
    case .section(let title): [CItem.ruled(title)]
    case .function(let function):
      function.comment.documentation + function.head(end: " {") + function.bodyLines + ["}"]
    case .prototype(let function): function.comment.documentation + function.prototype
    case .structure(let structure): structure.comment.documentation + structure.lines
    case .enumeration(let enumeration): enumeration.comment.documentation + enumeration.lines
    case .variables(let declaration, let comment):
      comment.documentation
        + CStatement.declaration(declaration).text.split(separator: "\n").map(String.init)
    case .raw(let text):
      text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }
  }

  /// A comment with `title` at the left of a rule, as wide as those of the prelude.
  static func ruled(_ title: String) -> String {
    let start = "/* ---- \(title) "
    let rule = max(0, CLineFiller.width - 6 - start.count)
    return start + String(repeating: "-", count: rule) + " */"
  }
}

extension String? {
  /// The lines of a documentation comment with this text; none without a text.
  fileprivate var documentation: [String] {
    map { CComment.lines($0, opening: "/**", indent: 0) } ?? []
  }
}

extension CFunction {
  fileprivate var bodyLines: [String] {
    var printer = StatementPrinter()
    printer.indented(body)
    return printer.lines
  }

  /// The lines up to the body; they end in `end`.
  fileprivate func head(end: String) -> [String] {
    var printer = ExpressionPrinter()
    for word in prefix { printer.text(word + " ") }
    let base = result.base
    let declarator = result.declarator(name)
    printer.text(base + " " + declarator)
    if parameters.isEmpty {
      printer.text("(void)" + end)
    } else {
      printer.list("(", parameters, ")" + end) { $0.text($1.type.declaring($1.name)) }
    }
    return CLineFiller.lines(printer.pieces, indent: 0)
  }

  /// The prototype; where parameters have comments, each of these has a line of its own.
  fileprivate var prototype: [String] {
    guard parameters.contains(where: { $0.comment != nil }) else { return head(end: ";") }
    let words = prefix.map { $0 + " " }.joined()
    var rows: [CommentedRow] = []
    for (i, parameter) in parameters.enumerated() {
      let end = i + 1 < parameters.count ? "," : ");"
      let text = parameter.type.declaring(parameter.name) + end
      if parameter.comment == nil, let last = rows.last, last.comment == nil,
        4 + last.text.count + 1 + text.count <= CLineFiller.width
      {
        rows[rows.count - 1].text += " " + text
      } else {
        rows.append(CommentedRow(text: text, comment: parameter.comment))
      }
    }
    return [words + result.base + " " + result.declarator(name) + "("]
      + CommentedRow.lines(rows, indent: 4)
  }
}

/// A text with a comment behind it, in a column of such comments.
private struct CommentedRow {
  var text: String
  var comment: String?

  /// The rows with their comments in one column, or before a row that is too long for one.
  static func lines(_ rows: [CommentedRow], indent: Int, opening: String = "/*") -> [String] {
    let margin = String(repeating: " ", count: indent)
    let column = rows.map { $0.comment == nil ? 0 : $0.text.count }.max() ?? 0
    return rows.flatMap { row -> [String] in
      guard let comment = row.comment else { return [margin + row.text] }
      let padding = String(repeating: " ", count: column - row.text.count + 1)
      let behind = CComment.lines(comment, opening: opening, indent: 0)
      if behind.count == 1, indent + column + 1 + behind[0].count <= CLineFiller.width {
        return [margin + row.text + padding + behind[0]]
      }
      return CComment.lines(comment, opening: opening, indent: indent) + [margin + row.text]
    }
  }
}

/// The first and the last line of a `struct` or an `enum`.
private func frame(
  _ keyword: String, tag: String?, typeName: String?, around lines: [String]
) -> [String] {
  let start = (typeName == nil ? "" : "typedef ") + keyword + (tag.map { " " + $0 } ?? "") + " {"
  return [start] + lines + ["}" + (typeName.map { " " + $0 } ?? "") + ";"]
}

extension CStructure {
  fileprivate var lines: [String] {
    let rows = members.map { member in
      let names = member.names.map { member.type.declarator($0) }.joined(separator: ", ")
      return CommentedRow(text: "\(member.type.base) \(names);", comment: member.comment)
    }
    return frame(
      "struct", tag: tag, typeName: typeName, around: CommentedRow.lines(rows, indent: 2))
  }
}

extension CEnumeration {
  fileprivate var lines: [String] {
    let rows = constants.enumerated().map { i, constant in
      let value = constant.value.map { " = " + $0.text } ?? ""
      let end = i + 1 < constants.count ? "," : ""
      return CommentedRow(text: constant.name + value + end, comment: constant.comment)
    }
    return frame(
      "enum", tag: tag, typeName: typeName,
      around: CommentedRow.lines(rows, indent: 2, opening: "/**<"))
  }
}
