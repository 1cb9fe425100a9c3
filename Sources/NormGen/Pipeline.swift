import Basics
import JIT
import LoopIR
import Passes
import Syntax
import TensorIR

/// A representation of a norm on its way from source to C.
package enum Stage: String, CaseIterable, Sendable {
  /// The norm with its clauses written as equations.
  case expanded
  /// The graph of each phase's forward.
  case tensor
  /// With the derived adjoints.
  case gradient
  /// With the adjoints in the form that a person would write.
  case simplified
  /// Cut into forward and backward, with the precision and the fused products that fix the bits.
  case functions
  /// Loops over buffers.
  case loops
  /// The C file.
  case c

  /// One sentence about it.
  package var summary: String {
    switch self {
    case .expanded: "the norm with its clauses written as equations"
    case .tensor: "the graph of the forward of each phase"
    case .gradient: "the graph with the derived adjoints"
    case .simplified: "the graph with the adjoints in textbook form"
    case .functions: "the graphs of forward and backward, with precision and fused products"
    case .loops: "loops over buffers, with lane programs"
    case .c: "the C file"
    }
  }
}

/// Compiles a checked norm to C.
///
/// - Parameter observe: is given the text of each stage that it wants, by stage.
/// - Throws: `InputError` if the options do not fit the norm.
package func compile(
  _ norm: CheckedNorm, _ options: Options, observe: (Stage, () -> String) -> Void = { _, _ in }
) throws(InputError) -> CompiledNorm {
  try norm.checkIsCompiled()
  try options.check(for: norm)
  let text = options.text
  let names = NamesInC(of: norm, options.passDerivatives)
  let norm = names.renamed(norm)
  var options = options
  options.settings = names.renamed(options.settings)
  options.layouts = names.renamed(options.layouts)
  let helper = Helper()
  let (functions, types) = try functionsAsLoops(of: norm, options, helper, observe)
  let interface = interface(
    of: withNearAxes(norm), functions, prefix: options.prefix ?? norm.name, types: types,
    sizes: options.sizes, layouts: options.layouts, names: names)
  let compiled = CompiledNorm(norm, functions, interface, helper, options: text)
  observe(.c) { compiled.source }
  return compiled
}

/// The functions of a norm as loops, and how their arrays are stored.
///
/// - Throws: `InputError` if the options do not fit the norm.
func compiledFunctions(
  _ norm: CheckedNorm, _ options: Options
) throws(InputError) -> (functions: [CompiledFunction], types: StorageTypes) {
  try norm.checkIsCompiled()
  try options.check(for: norm)
  return try functionsAsLoops(of: norm, options, Helper()) { _, _ in }
}

/// The same of options that are known to fit.
///
/// - Parameter helper: makes the backward of training while its forward is made.
private func functionsAsLoops(
  of norm: CheckedNorm, _ options: Options, _ helper: Helper,
  _ observe: (Stage, () -> String) -> Void
) throws(InputError) -> (functions: [CompiledFunction], types: StorageTypes) {
  var phases: [(phase: CallPhase, parts: Functions)] = []
  for (phase, primal) in primals(of: norm, options) {
    observe(.tensor) { titled(phase, primal.graph) }
    try primal.graph.checkDepth(of: norm)
    let joint = derived(differentiated(primal), options.passDerivatives)
    verify(joint.graph, after: "differentiation")
    try joint.graph.checkPlaces(of: norm)
    observe(.gradient) { titled(phase, joint.graph) }
    let textbook = simplified(joint)
    verify(textbook, after: "simplification")
    observe(.simplified) { titled(phase, textbook) }
    let parts = partitioned(
      textbook, options.passDerivatives, outputsAreExact: options.type.isExact)
    phases.append((phase, parts))
  }
  let events = norm.events.map { (event: $0, formulas: formulas(of: $0, norm, options, observe)) }
  let types = StorageTypes(norm, options, phases.map(\.parts))
  let runs = norm.openRuns(options)
  let made = phases.flatMap { phase, parts in
    let all =
      [(Direction.forward, parts.forward)]
      + parts.derived.map { ($0.derivative.direction, $0.formulas) }
    let lookedFor = parts.savedValuesLookedFor
    return all.map { direction, formulas in
      let functions = Once {
        CutFunctions(formulas, direction, phase, types, runs: runs, lookedFor: lookedFor)
      }
      if direction == .backward, phase == .train, Helper.mayWork {
        helper.begin([{ functions.value.all.first?.schedule() }])
      }
      return functions
    }
  }
  // What the helper works at is asked for last.
  if helper.isAtWork { made.first?.value.all.first?.schedule() }
  let functions = made.flatMap { $0.value.shown(to: observe) }
  let ofEvents = events.flatMap { event, formulas in
    CutFunctions(formulas, .forward, .eval, event: event.name, types, runs: runs)
      .shown(to: observe)
  }
  return (withoutRepeatedPhases(functions, norm) + ofEvents, types)
}

/// The forward of training, and that of evaluation where it is another.
private func primals(
  of norm: CheckedNorm, _ options: Options
) -> [(phase: CallPhase, primal: Primal)] {
  func primal(_ kind: CallPhaseKind) -> Primal {
    let primal = lowered(
      norm, kind, settings: options.settings, sizes: options.sizes, layouts: options.layouts)
    verify(primal.graph, after: "lowering")
    return primal
  }
  let train = primal(.train)
  if !norm.counts && norm.train == norm.eval { return [(.train, train)] }
  let eval = primal(.eval)
  return norm.counts || train != eval ? [(.train, train), (.eval, eval)] : [(.train, train)]
}

/// The graph of an event.
private func formulas(
  of event: Event, _ norm: CheckedNorm, _ options: Options,
  _ observe: (Stage, () -> String) -> Void
) -> Graph {
  let primal = lowered(
    norm, event, settings: options.settings, sizes: options.sizes, layouts: options.layouts)
  verify(primal.graph, after: "lowering")
  observe(.tensor) { "// event \(event.name)\n" + primal.graph.show() }
  let textbook = simplified(differentiated(primal))
  verify(textbook, after: "simplification")
  return partitioned(textbook).forward
}

/// One function as loops, and the steps in which several processes compute it.
private struct CutFunctions: Sendable {
  /// The function, then the steps.
  let all: [CompiledFunction]
  /// The graph that they are cut from.
  private let whole: Graph
  private let title: String

  /// - Parameter lookedFor: the saved values that have to equal, bit by bit, what is made
  ///   elsewhere.
  init(
    _ formulas: Graph, _ direction: Direction, _ phase: CallPhase, event: String? = nil,
    _ types: StorageTypes, runs: Set<String>, lookedFor: Set<String> = []
  ) {
    verify(formulas, after: "partition")
    let exact = precise(formulas)
    verify(exact, after: "precision")
    let shared = sharingSums(exact)
    verify(shared, after: "sharing sums")
    let whole = contracted(shared, lookedFor: lookedFor)
    verify(whole, after: "contraction")
    let cut = cutAtRanks(whole)
    let steps = cut.cuts.isEmpty ? [] : cut.graphs
    let numbered = steps.enumerated().map { (RankStep(number: $0 + 1, cuts: cut.cuts), $1) }
    all = ([(nil, withoutRanks(whole))] + numbered).map { step, graph in
      verify(graph, after: "cutting")
      // Most calls are for one phase and form of a function: the others are scheduled on demand.
      return CompiledFunction(
        direction: direction, phase: phase, event: event, step: step, formulas: formulas,
        graph: graph, kernel: Once { loops(of: withoutUnits(graph), direction, phase, types) },
        flat: Once { flatKernel(graph, direction, phase, types, runs) },
        runs: graph.axes.compactMap { openRun($0, among: runs) })
    }
    self.whole = whole
    title = event ?? "\(direction.rawValue), \(phase.rawValue)"
  }

  /// All functions, whose stages `observe` is given.
  func shown(to observe: (Stage, () -> String) -> Void) -> [CompiledFunction] {
    observe(.functions) { "// \(title)\n" + whole.show() }
    for function in all {
      observe(.loops) {
        (function.step.map { "// step \($0.number)\n" } ?? "") + function.loops
      }
    }
    return all
  }
}

private func loops(
  of graph: Graph, _ direction: Direction, _ phase: CallPhase, _ types: StorageTypes
) -> LoopKernel {
  let kernel = scheduled(graph, direction, phase, types)
  verify(kernel, after: "scheduling")
  return kernel
}

extension CompiledFunction {
  /// The text of all its loops.
  fileprivate var loops: String {
    kernel.show() + (flat.map { "\n// where \($0.size) is 1\n" + $0.kernel.show() } ?? "")
  }
}

/// `graph` without the innermost axes that are fixed at one place.
private func withoutUnits(_ graph: Graph) -> Graph {
  graph.axes.indices.reduce(graph) { rest, axis in
    graph.axes[axis].extent == .fixed(1) ? flattened(rest, axis) ?? rest : rest
  }
}

/// The loops for calls in which a run of dimensions (`S...`) is empty, where they differ.
private func flatKernel(
  _ graph: Graph, _ direction: Direction, _ phase: CallPhase, _ types: StorageTypes,
  _ runs: Set<String>
) -> FlatKernel? {
  for (axis, value) in graph.axes.enumerated() {
    guard let name = openRun(value, among: runs), let flat = flattened(graph, axis) else {
      continue
    }
    return FlatKernel(size: name, kernel: loops(of: flat, direction, phase, types))
  }
  return nil
}

/// The size of an axis that is one of `runs`.
private func openRun(_ axis: GraphAxis, among runs: Set<String>) -> String? {
  guard case .size(let name) = axis.extent, runs.contains(name) else { return nil }
  return name
}

extension CheckedNorm {
  /// `true` iff calls move a counter, which only training sets.
  fileprivate var counts: Bool {
    values.contains { if case .counter = $0.kind { true } else { false } }
  }

  /// The sizes that are products of runs of dimensions and are given at each call.
  fileprivate func openRuns(_ options: Options) -> Set<String> {
    Set(sizes.filter(\.isRun).map(\.name)).subtracting(options.sizes.keys)
  }
}

/// The text of a norm at a stage of its compilation.
package func text(
  of stage: Stage, _ norm: CheckedNorm, _ options: Options
) throws(InputError) -> String {
  if stage == .expanded {
    var diagnostics = DiagnosticSet()
    let source = SourceFile(name: norm.name, text: norm.source)
    return expand(source, into: &diagnostics) ?? norm.source
  }
  var parts: [String] = []
  _ = try compile(norm, options) { reached, text in
    if reached == stage { parts.append(text()) }
  }
  return parts.joined(separator: "\n")
}

private func titled(_ phase: CallPhase, _ graph: Graph) -> String {
  "// \(phase.rawValue)\n" + graph.show()
}

/// Leaves out functions of evaluation that do what those of training do; forward stands first.
private func withoutRepeatedPhases(
  _ functions: [CompiledFunction], _ norm: CheckedNorm
) -> [CompiledFunction] {
  let kept = functions.filter { function in
    guard function.phase == .eval else { return true }
    let isCounting = norm.counts && function.direction == .forward
    return isCounting
      || !functions.contains {
        $0.phase == .train && $0.step == nil && $0.direction == function.direction
          && $0.graph == function.graph
      }
  }
  return Direction.allCases.flatMap { direction in kept.filter { $0.direction == direction } }
}
