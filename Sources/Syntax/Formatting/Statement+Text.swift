/// The words of a statement in two parts, the second of which lines up with those of neighbours.
struct StatementText {
  var lead: String
  var rest: String
  var column: Column

  /// What statements line up with each other.
  enum Column {
    /// The names after `scalar`, `param`, `state`, …
    case declared
    /// The `=` of equations.
    case equation
    /// It lines up with nothing.
    case none
  }

  /// The statement with its lead padded to `width`.
  func text(width: Int) -> String {
    guard !rest.isEmpty else { return lead }
    return lead + String(repeating: " ", count: max(0, width - lead.utf8.count)) + " " + rest
  }
}

extension Statement {
  /// The words of a statement that has no braces; of one that has, those before the brace.
  var textParts: StatementText {
    switch form {
    case .axis(let list): declared("axis", list.map(\.text))
    case .group(let group): declared("group", [group.text])
    case .parameter(let list): declared("param", list.map(\.text))
    case .state(let list): declared("state", list.map(\.text))
    case .scalar(let list): declared("scalar", list.map(\.text))
    case .mask(let list): declared("mask", list.map(\.text))
    case .index(let tensor, let axis): declared("index", ["\(tensor.text) of \(axis.written)"])
    case .counter(let name): declared("counter", [name.text])
    case .clause(let clause): plain(clause.text)
    case .phase(let phase, _): plain(phase.rawValue)
    case .event(let name, let arguments, _):
      plain(
        "event \(name.text)"
          + (arguments.isEmpty ? "" : "(\(arguments.map(\.text).joined(separator: ", ")))"))
    case .gradient(let value, let adjoint, _): plain("gradient of \(value.text) by \(adjoint.text)")
    case .line(let line):
      StatementText(
        lead: line.target.text, rest: "= \(line.expression.text)", column: .equation)
    }
  }

  /// What stands in the braces of the statement; `nil` if it has none.
  var body: [Statement]? {
    switch form {
    case .phase(_, let body), .event(_, _, let body), .gradient(_, _, let body): body
    case .axis, .group, .parameter, .state, .scalar, .mask, .index, .counter, .clause, .line: nil
    }
  }

  private func declared(_ word: String, _ list: [String]) -> StatementText {
    StatementText(lead: word, rest: list.joined(separator: ", "), column: .declared)
  }

  private func plain(_ text: String) -> StatementText {
    StatementText(lead: text, rest: "", column: .none)
  }
}

extension Line.Target {
  fileprivate var text: String {
    switch self {
    case .names(let names): names.map(\.text).joined(separator: ", ")
    case .next(let name): "next \(name.text)"
    case .gradient(let name): "grad \(name.text)"
    }
  }
}

extension SizeTree {
  fileprivate var text: String { size.map { "\(name.text) = \($0)" } ?? name.text }
}

extension GroupTree {
  fileprivate var text: String {
    let list = axes.map(\.written).joined(separator: ", ")
    let joined = joined.map { " as \($0.text)" } ?? ""
    return "\(list)\(joined) \(direction.rawValue) \(size.text)"
  }
}

extension InitialTree {
  fileprivate var text: String { "\(tensor.text) = \(value.text)" }
}

extension SettingTree {
  fileprivate var text: String { value.map { "\(name.text) = \($0.text)" } ?? name.text }
}

extension Clause {
  fileprivate var text: String {
    switch self {
    case .reduce(let axes, let condition):
      "reduce \(list(axes))" + (condition.map { " where \($0.text)" } ?? "")
    case .center: "center"
    case .divide(let divisor): "divide by \(divisor.text)"
    case .track(let argument, let unbiased):
      "track ema(\(argument.text))" + (unbiased == nil ? "" : ", unbiased")
    case .affine(let axes): "affine \(list(axes))"
    case .weight(let axes): "weight \(list(axes))"
    }
  }

  private func list(_ axes: [AxisTree]) -> String {
    axes.map(\.written).joined(separator: ", ")
  }
}
