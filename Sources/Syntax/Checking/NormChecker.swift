import Basics

/// Checks one norm, whose clauses are written out, and resolves its names.
struct NormChecker {
  let source: SourceFile
  let norm: NormTree
  var log: DiagnosticLog
  var axes = AxisTable()
  /// All values, as `CheckedNorm.values` will have them, with what is known of each.
  var values: [ValueRecord] = []
  /// The values of the norm by name; those of gradient blocks stand in their blocks.
  var scope: [String: ValueID] = [:]
  /// Names whose mistake is reported already; using them says nothing more.
  var brokenNames: Set<String> = []
  /// The outputs whose declaration holds.
  var outputs: [ValueID] = []
  /// The equations of the forward, in source order.
  var equations: [EquationRecord] = []
  /// What the forward sets states to, in source order.
  var updates: [EquationRecord] = []
  var gradients: [GradientRecord] = []
  var events: [EventRecord] = []
  /// What calls bring along: states that the forward sets, gradient blocks, and events.
  var broughtUpdates: [EquationRecord] = []
  var broughtGradients: [GradientRecord] = []
  var broughtEvents: [EventRecord] = []
  /// The values with equations, each after those that it reads.
  var order: [ValueID] = []
  /// What the words that the norm calls, and that are no functions, stand for.
  let callees: [String: Callee.Lookup]
  /// The calls of norms, in source order.
  var calls: [NormCall] = []
  /// The index of each call in `calls`, by its place.
  var callPlaces: [SourceSpan: Int] = [:]
  /// The names that come along with calls, with the norm and the name there.
  var broughtNames: [String: String] = [:]
  /// The values that come along with calls and whose axes are known only where the call is
  /// resolved, with the call.
  var lateValues: [ValueID: Int] = [:]
  /// The names of axes that lists and functions name.
  var usedAxes: Set<String> = []

  init(
    _ norm: NormTree, of source: SourceFile, callees: [String: Callee.Lookup], log: DiagnosticLog
  ) {
    self.source = source
    self.norm = norm
    self.callees = callees
    self.log = log
  }

  /// Checks the norm; returns it unless there are errors.
  mutating func check() -> CheckedNorm? {
    let errors = log.errorCount
    collectCalls()
    declareAxes()
    declareValues()
    collectEquations()
    declareOutputs()
    orderEquations(equations.map(\.target))
    resolveInitialValues()
    resolveEquations()
    checkOutputs()
    resolveUpdates()
    resolveGradients()
    resolveEvents()
    addCallEffects()
    checkBackwardStates()
    let train = phase(.train)
    let eval = phase(.eval)
    let events = checkedEvents()
    guard log.errorCount == errors else { return nil }
    warnUnused()
    warnCancellation()
    return CheckedNorm(
      name: norm.name.text, documentation: norm.documentation, source: source.text(of: norm.span),
      calledSources: calledSources, sizes: axes.sizes, axes: axes.axes, values: values.map(\.value),
      outputs: outputs,
      train: train, eval: eval, events: events)
  }
}

/// A value and what the checker knows of it.
struct ValueRecord {
  var value: Value
  /// The name where it is defined first.
  var span: SourceSpan
  /// `true` iff a mistake in its definition was reported; reading it says nothing more.
  var isBroken = false
  /// `true` iff it is made of literals, scalars, counters and sizes alone, so that it may stand
  /// where any axes are declared.
  var isPlain = false
  /// `true` iff its brackets, not its equation, say which axes it has.
  var hasDeclaredAxes = false
  /// The indices in `equations` of those that define it.
  var equations: [Int] = []
  /// `true` iff an expression reads it.
  var isRead = false
}

/// An equation, or what a state or a derivative is to be.
struct EquationRecord {
  var target: ValueID
  /// The target's name where the equation stands.
  var name: Identifier
  var expression: Expression
  /// The phases it holds in.
  var phases: [PhaseName]
  /// The values that the expression reads, with the places.
  var reads: [Read] = []
  /// The output of a call that it takes, if it is one.
  var output: CallOutput?
  /// `nil` until it is resolved, and for good where it has a mistake.
  var resolved: Resolved?

  var term: Term? { resolved?.term }

  struct Read {
    var value: ValueID
    var span: SourceSpan
  }
}

/// An event.
struct EventRecord {
  var name: Identifier
  var arguments: [ValueID]
  /// The event's own names.
  var locals: [String: ValueID]
  /// In source order at first, then in the order of dependency.
  var equations: [EquationRecord] = []
  var updates: [EquationRecord] = []
}

/// A gradient block.
struct GradientRecord {
  var value: ValueID
  var name: Identifier
  var adjoint: ValueID
  var phases: [PhaseName]
  /// The block's own names.
  var locals: [String: ValueID]
  /// In source order at first, then in the order of dependency.
  var equations: [EquationRecord] = []
  var contributions: [EquationRecord] = []
  var updates: [EquationRecord] = []
}
