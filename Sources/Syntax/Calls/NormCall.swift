import Basics

/// A call of a norm: `u = group_scaling_1d(x + r, G: 4, eps: 1e-6)`.
struct NormCall {
  let callee: Callee
  let word: Identifier
  /// The whole call, for the records of its equations.
  let expression: Expression
  /// What is given for the tensors of the callee, in order.
  let tensors: [Expression]
  /// What is given by name.
  var labels: [String: Argument] = [:]
  /// The names that take its outputs; the first begins the names of what comes along.
  let targets: [Identifier]
  let phases: [PhaseName]
  /// The axis of the caller, as it is written, that stands for each whole axis of the callee but
  /// for the run, which takes what is left.
  var axisNames: [String: AxisTree] = [:]
  /// The values of the caller that stand for those of the callee.
  var values: [ValueID: ValueID] = [:]
  /// `true` iff a mistake in it was reported.
  var isBroken = false
  var isExpanded = false

  /// The name that a value or an axis of the callee has in the caller.
  func ownName(of name: String) -> Identifier {
    Identifier(text: "\(targets[0].text)_\(name)", span: word.span)
  }
}

/// Where an equation of the caller comes from.
struct CallOutput {
  /// The index of the call in `NormChecker.calls`.
  var call: Int
  /// The place among the outputs of the callee.
  var output: Int
}

extension NormChecker {
  /// The most values of a norm with all that it calls.
  static let mostValues = 2_000

  /// Finds the calls of norms, and the labels of each.
  mutating func collectCalls() {
    for statement in norm.statements {
      switch statement.form {
      case .line(let line): collectCall(line, phases: PhaseName.allCases)
      case .phase(let phase, let body):
        for inner in body {
          if case .line(let line) = inner.form { collectCall(line, phases: [phase]) }
        }
      case .axis, .group, .parameter, .state, .scalar, .mask, .index, .counter, .clause, .event,
        .gradient:
        break
      }
    }
  }

  private mutating func collectCall(_ line: Line, phases: [PhaseName]) {
    guard case .names(let targets) = line.target,
      case .call(let word, let arguments) = line.expression.form,
      case .norm(let callee)? = callees[word.text]
    else { return }
    var call = NormCall(
      callee: callee, word: word, expression: line.expression,
      tensors: arguments.filter { $0.label == nil }.map(\.value), targets: targets, phases: phases)
    let known = callee.labels
    for argument in arguments {
      guard let label = argument.label else { continue }
      if call.labels[label.text] != nil {
        log.report(.labelTwice(label.text, at: label.span))
        call.isBroken = true
      } else if !known.contains(label.text) {
        log.report(
          .unknownCallLabel(
            label.text, of: word.text, nearest: nearest(to: label.text, among: known),
            at: label.span))
        call.isBroken = true
      }
      call.labels[label.text] = argument
    }
    callPlaces[line.expression.span] = calls.count
    calls.append(call)
  }

  /// Adds the equations of a call, one for each of its outputs and phases.
  mutating func collectEquations(of index: Int) {
    let call = calls[index]
    let wanted = call.callee.norm.outputs.count
    guard call.targets.count == wanted else {
      brokenNames.formUnion(call.targets.map(\.text))
      log.report(.resultCount(call.word.text, wanted, at: call.word.span))
      return
    }
    for (output, target) in call.targets.enumerated() {
      for phase in call.phases {
        collectEquation(
          target, call.expression, phases: [phase],
          output: CallOutput(call: index, output: output))
      }
    }
  }
}

extension Callee {
  /// The names that a caller may give values or axes for.
  fileprivate var labels: [String] {
    let parts = axes.wholes.flatMap { whole in axes.split(of: whole).map { [$0.part] } ?? [] }
    let values = norm.values.filter { value in
      switch value.kind {
      case .scalar, .mask, .index: true
      case .tensor, .parameter, .state, .counter, .equation, .adjoint, .eventArgument: false
      }
    }
    return axes.wholes.map(\.name) + parts + values.map(\.name)
  }
}

extension AxisTable {
  /// How a `group` splits the axis `whole`; `nil` where none does.
  func split(of whole: Dimension) -> (part: String, direction: GroupTree.Direction, size: SizeID)? {
    guard whole.axes.count == 2 else { return nil }
    let (first, second) = (axes[whole.axes[0].index], axes[whole.axes[1].index])
    if case .size(let size) = first.extent { return (first.name, .into, size) }
    if case .size(let size) = second.extent { return (second.name, .of, size) }
    return nil
  }
}
