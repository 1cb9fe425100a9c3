import Basics
import LoopIR
import Passes
import Syntax
import TensorIR

/// What a norm means and what its compiled functions do, as a person reads it: the equations of
/// the forward, the derived gradients, and what is saved in between.
package func explain(_ norm: CheckedNorm) -> String {
  var writer = TextWriter()
  let tensors = norm.values.filter { value in
    if case .tensor = value.kind { true } else { false }
  }
  let head = tensors.map(\.signature).joined(separator: ", ")
  let outputs = norm.outputs.map { norm.values[$0.index].signature }.joined(separator: ", ")
  writer.line("\(norm.name)(\(head)) -> \(outputs)")
  for line in norm.documentation { writer.indented { $0.line(line) } }
  let train = FunctionText(norm, .train)
  let eval = FunctionText(norm, .eval)
  if train == eval {
    train.write(as: "", to: &writer)
  } else {
    train.write(as: " in training", to: &writer)
    eval.write(as: " in evaluation", to: &writer)
  }
  return writer.text
}

/// The formulas of the two functions of a phase.
private struct FunctionText: Equatable {
  private var forward: [String]
  private var backward: [String]
  private var saved: [String]
  private var reductions: [Int]

  init(_ norm: CheckedNorm, _ phase: CallPhaseKind) {
    let functions = partitioned(simplified(differentiated(lowered(norm, phase))))
    forward = aligned(FormulaText(functions.forward).lines)
    backward = aligned(FormulaText(functions.backward).lines)
    saved = functions.forward.results.compactMap { result in
      switch result.kind {
      case .saved, .savedCounter:
        let axes = result.axes.map { functions.forward.axes[$0].name }
        return axes.isEmpty
          ? result.name : "\(result.name)[\(axes.joined(separator: ", "))]"
      case .output, .nextState, .gradient: return nil
      }
    }
    reductions = [functions.forward, functions.backward].map { graph in
      graph.reachable(from: graph.results.map(\.node)).count { node in
        if case .reduce = graph[node] { true } else { false }
      }
    }
  }

  func write(as suffix: String, to writer: inout TextWriter) {
    section("Forward" + suffix, forward, reductions[0], &writer)
    let list = saved.isEmpty ? "nothing" : saved.joined(separator: ", ")
    writer.line("")
    writer.line("Saved for backward: \(list)")
    section("Backward" + suffix, backward, reductions[1], &writer)
  }

  private func section(
    _ title: String, _ lines: [String], _ reductions: Int, _ writer: inout TextWriter
  ) {
    writer.line("")
    writer.line("\(title) (\(reductions) reduction\(reductions == 1 ? "" : "s"))")
    writer.indented { writer in
      for line in lines { writer.line(line) }
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
