import Basics
import LoopIR
import Passes
import Syntax
import TensorIR

/// What a norm means and what its compiled functions do, as a person reads it: the equations of
/// the forward, the derived gradients, what is saved in between, and the passes over memory.
package func explain(
  _ norm: CheckedNorm, _ options: Options = Options()
) throws(InputError) -> String {
  var writer = TextWriter()
  let tensors = norm.values.filter { value in
    if case .tensor = value.kind { true } else { false }
  }
  let head = tensors.map(\.signature).joined(separator: ", ")
  let outputs = norm.outputs.map { norm.values[$0.index].signature }.joined(separator: ", ")
  writer.line("\(norm.name)(\(head)) -> \(outputs)")
  for line in norm.documentation { writer.indented { $0.line(line) } }
  let functions = try compiledFunctions(norm, options).functions
  let train = PhaseText(functions, .train, norm.exampleSizes)
  let eval = PhaseText(functions, .eval, norm.exampleSizes)
  if train == eval {
    train.write(as: "", to: &writer)
  } else {
    train.write(as: " in training", to: &writer)
    eval.write(as: " in evaluation", to: &writer)
  }
  for function in functions {
    guard let event = function.event else { continue }
    FunctionText(function, norm.exampleSizes).write(as: "Event \(event)", to: &writer)
  }
  return writer.text
}

/// The two functions of a phase.
private struct PhaseText: Equatable {
  private var functions: [FunctionText]
  private var saved: [String]
  /// What processes tell each other: a line for each cut of a function over ranks.
  private var told: [String]

  init(_ functions: [CompiledFunction], _ phase: CallPhase, _ examples: [String: Int]) {
    let calls = functions.filter { $0.event == nil && $0.step == nil }
    let own = Direction.allCases.compactMap { direction in
      calls.first { $0.direction == direction && $0.phase == phase }
        ?? calls.first { $0.direction == direction }
    }
    self.functions = own.map { FunctionText($0, examples) }
    told = functions.filter { $0.phase == phase }.compactMap(\.toldByProcesses)
    saved = own.filter { $0.direction == .forward }.flatMap { forward in
      forward.formulas.results.compactMap { saved in
        switch saved.kind {
        case .saved, .savedCounter:
          let axes = saved.axes.map { forward.formulas.axes[$0].name }
          return axes.isEmpty ? saved.name : "\(saved.name)[\(axes.joined(separator: ", "))]"
        case .output, .nextState, .nextCounter, .gradient, .tangent, .outputGradientAdjoint,
          .secondGradient, .partial:
          return nil
        }
      }
    }
  }

  func write(as suffix: String, to writer: inout TextWriter) {
    for function in functions {
      function.writeFormulas(as: suffix, to: &writer)
      guard function.direction == .forward else { continue }
      let list = saved.isEmpty ? "nothing" : saved.joined(separator: ", ")
      writer.line("")
      writer.line("Saved for backward: \(list)")
    }
    for function in functions { function.writePasses(as: suffix, to: &writer) }
    if told.isEmpty { return }
    writer.line("")
    writer.line("Between processes")
    writer.indented { writer in
      for line in told { writer.line(line) }
    }
  }
}

extension CompiledFunction {
  /// What a step tells other processes; `nil` if it tells nothing.
  fileprivate var toldByProcesses: String? {
    guard let step, !step.isLast else { return nil }
    let arrays = step.cuts[step.number - 1].entries.flatMap { entry in
      let axes = entry.axes.map { graph.axes[$0].name }.joined(separator: ", ")
      return entry.arrays.map { axes.isEmpty ? $0 : "\($0)[\(axes)]" }
    }
    return "\(name) tells \(arrays.joined(separator: ", ")) in float64"
  }
}

/// The formulas and the passes of a function.
private struct FunctionText: Equatable {
  let direction: Direction
  private var formulas: [String]
  private var reductions: Int
  private var traffic: String
  private var passes: [String]

  init(_ function: CompiledFunction, _ examples: [String: Int]) {
    direction = function.direction
    formulas = aligned(FormulaText(function.formulas).lines)
    let graph = function.formulas
    reductions = graph.reachable(from: graph.results.map(\.node)).count { node in
      if case .reduce = graph[node] { true } else { false }
    }
    let text = PassesText(function.kernel, examples: examples)
    traffic = text.summary
    passes = text.lines
  }

  /// Writes an event.
  func write(as title: String, to writer: inout TextWriter) {
    writer.line("")
    writer.line(title)
    writer.indented { writer in
      for line in formulas { writer.line(line) }
    }
    writer.line("")
    writer.line("\(title): at least \(traffic)")
    writer.indented { writer in
      for line in passes { writer.line(line) }
    }
  }

  func writeFormulas(as suffix: String, to writer: inout TextWriter) {
    writer.line("")
    let title = direction.rawValue.capitalized + suffix
    writer.line("\(title) (\(reductions) reduction\(reductions == 1 ? "" : "s"))")
    writer.indented { writer in
      for line in formulas { writer.line(line) }
    }
  }

  func writePasses(as suffix: String, to writer: inout TextWriter) {
    writer.line("")
    writer.line("Passes of \(direction.rawValue)\(suffix): at least \(traffic)")
    writer.indented { writer in
      for line in passes { writer.line(line) }
    }
  }
}

/// `name = formula` with the equals signs below each other.
private func aligned(_ lines: [(name: String, formula: String)]) -> [String] {
  let width = lines.map(\.name.count).max() ?? 0
  return lines.map { name, formula in
    name + String(repeating: " ", count: width - name.count) + " = " + formula
  }
}
