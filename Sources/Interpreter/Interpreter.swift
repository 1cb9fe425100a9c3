import Syntax

/// Evaluates a norm in float64 by what its source says, one whole array at a time: the judge of
/// what is compiled from it.
///
/// It shares nothing with the compiler but the checked norm. Gradients are found by going back
/// over the tape of a forward call, with rules written for this module alone.
package struct Interpreter: Sendable {
  let norm: CheckedNorm

  package init(_ norm: CheckedNorm) {
    self.norm = norm
  }

  /// Which of its two phases a norm runs in.
  package enum Mode: String, CaseIterable, Sendable {
    case train, eval
  }

  /// Runs one forward call.
  ///
  /// Missing sizes, parameters, states, scalars and counters take their standard size, initial
  /// value, default and 0. Throws if a size, tensor, mask or scalar without a default is missing,
  /// a name is unknown, a length is wrong, or a size does not divide.
  package func forward(
    phase mode: Mode, _ binding: Binding
  ) throws(InterpreterError) -> ForwardResult {
    try forward(phase: mode, binding, replaying: nil)
  }

  /// Runs one forward call in which each `stop_gradient` gives what it gave in another call.
  func forward(
    phase mode: Mode, _ binding: Binding, replaying stopped: [[Double]]?
  ) throws(InterpreterError) -> ForwardResult {
    try forward(phase: mode, ranks: [binding], replaying: stopped.map { [$0] })[0]
  }

  /// Runs the forward calls of processes that reduce over `ranks` together; each has sizes and
  /// elements of its own.
  ///
  /// Throws as a single call does, and where the result of such a reduction would have another
  /// size on another rank.
  package func forward(
    phase mode: Mode, ranks: [Binding]
  ) throws(InterpreterError) -> [ForwardResult] {
    try forward(phase: mode, ranks: ranks, replaying: nil)
  }

  func forward(
    phase mode: Mode, ranks bindings: [Binding], replaying stopped: [[[Double]]]?
  ) throws(InterpreterError) -> [ForwardResult] {
    var ensemble = Ensemble(ranks: [])
    for (rank, binding) in bindings.enumerated() {
      try binding.checkNames(against: norm)
      let extents = try Extents(of: norm, sizes: binding.sizes)
      var evaluator = Evaluator(
        extents: extents, values: norm.values, replaying: stopped?[rank])
      try define(binding, in: mode, &evaluator)
      ensemble.ranks.append(evaluator)
    }
    let phase = phase(mode)
    for equation in phase.equations {
      let block = phase.gradients.firstIndex { $0.value == equation.value }
      try ensemble.define(by: equation, replacement: block)
    }
    for update in phase.updates { try ensemble.merge(update.term) }
    var results: [ForwardResult] = []
    for (rank, binding) in bindings.enumerated() {
      results.append(try result(of: ensemble.ranks[rank], mode, binding))
    }
    return results
  }

  /// What one process gives.
  private func result(
    of evaluator: Evaluator, _ mode: Mode, _ binding: Binding
  ) throws(InterpreterError) -> ForwardResult {
    var evaluator = evaluator
    var outputs: [String: [Double]] = [:]
    for output in norm.outputs { outputs[norm[output].name] = evaluator.elements(of: output) }
    var states = states(in: &evaluator)
    for update in phase(mode).updates {
      states[norm[update.value].name] = try evaluator.committed(update)
    }
    return ForwardResult(
      outputs: outputs, states: states, counters: counters(after: mode, binding), mode: mode,
      evaluator: evaluator)
  }

  /// What happens in a call of `mode`.
  func phase(_ mode: Mode) -> Phase {
    switch mode {
    case .train: norm.train
    case .eval: norm.eval
    }
  }

  /// Defines every value that a caller may give, or those of `wanted`.
  func define(
    _ binding: Binding, in mode: Mode, _ evaluator: inout Evaluator,
    only wanted: Set<ValueID>? = nil
  ) throws(InterpreterError) {
    for (place, value) in norm.values.enumerated() {
      let id = ValueID(place)
      if let wanted, !wanted.contains(id) { continue }
      switch value.kind {
      case .tensor, .mask, .index, .parameter, .state:
        let elements = try elements(of: id, binding.inputs[value.name], evaluator.extents)
        try check(elements, areIndicesOf: value, evaluator.extents)
        evaluator.define(id, elements: elements, differentiable: value.kind.differentiability)
      case .scalar(let standard):
        let number = try number(binding.scalars[value.name], standard, of: value, evaluator.extents)
        evaluator.define(id, elements: [number], differentiable: .constant)
      case .counter:
        let count = calls(counted: mode, before: binding.counters[value.name] ?? 0)
        evaluator.define(id, elements: [Double(count)], differentiable: .constant)
      case .equation, .adjoint, .eventArgument: break
      }
    }
  }

  /// The elements of a declared array: those given, else its initial value.
  private func elements(
    of id: ValueID, _ given: [Double]?, _ extents: Extents
  ) throws(InterpreterError) -> [Double] {
    let value = norm[id]
    let expected = extents.count(value.axes)
    if let given {
      guard given.count == expected else {
        throw .wrongLength(value.name, expected: expected, found: given.count)
      }
      return given
    }
    switch value.kind {
    case .parameter(let initial), .state(let initial):
      var evaluator = Evaluator(extents: extents, values: norm.values)
      return evaluator.elements(try evaluator.evaluate(initial), over: value.axes)
    case .tensor, .mask, .index, .scalar, .counter, .equation, .adjoint, .eventArgument:
      throw .missingValue(value.name)
    }
  }

  /// Throws if `value` is an index and one of `elements` is no place of its axis.
  private func check(
    _ elements: [Double], areIndicesOf value: Value, _ extents: Extents
  ) throws(InterpreterError) {
    guard case .index(of: let along) = value.kind else { return }
    let extent = extents.count(along)
    for element in elements
    where !(0..<Double(extent)).contains(element) || element != element.rounded() {
      throw .indexOutOfRange(value.name, element, extent: extent)
    }
  }

  /// The number of a scalar: the one given, else its default.
  private func number(
    _ given: Double?, _ standard: Term?, of value: Value, _ extents: Extents
  ) throws(InterpreterError) -> Double {
    if let given { return given }
    guard let standard else { throw .missingValue(value.name) }
    // Its own evaluator: a default goes by the defaults of other scalars, not by what is given.
    var defaults = Evaluator(extents: extents, values: norm.values)
    return defaults.elements(try defaults.evaluate(standard), over: [])[0]
  }

  /// The states before the call, by name.
  private func states(in evaluator: inout Evaluator) -> [String: [Double]] {
    var states: [String: [Double]] = [:]
    for (place, value) in norm.values.enumerated() {
      guard case .state = value.kind else { continue }
      states[value.name] = evaluator.elements(of: ValueID(place))
    }
    return states
  }

  /// The counters after the call, by name.
  private func counters(after mode: Mode, _ binding: Binding) -> [String: Int] {
    var counters: [String: Int] = [:]
    for value in norm.values {
      guard case .counter = value.kind else { continue }
      counters[value.name] = calls(counted: mode, before: binding.counters[value.name] ?? 0)
    }
    return counters
  }

  /// The training calls so far, this one included.
  private func calls(counted mode: Mode, before: Int) -> Int {
    switch mode {
    case .train: before + 1
    case .eval: before
    }
  }
}

/// What a forward call gives, with all that its backward needs.
package struct ForwardResult: Sendable {
  /// The outputs by name, in the order of memory.
  package let outputs: [String: [Double]]
  /// All states by name as they are after the call. Those that a gradient block updates are as
  /// they were.
  package let states: [String: [Double]]
  /// The training calls after this one, by the name of the counter.
  package let counters: [String: Int]
  /// The phase that ran.
  package let mode: Interpreter.Mode
  /// The values and the tape.
  let evaluator: Evaluator
}

extension CheckedNorm {
  subscript(id: ValueID) -> Value { values[id.index] }

  /// The value of that name which a caller may give; names of values are unique outside blocks.
  func value(named name: String) -> ValueID? {
    values.firstIndex { $0.name == name }.map { ValueID($0) }
  }
}

extension Value.Kind {
  /// Whether gradients are wanted of an input.
  var differentiability: Differentiability {
    switch self {
    case .tensor, .parameter: .differentiable
    case .state, .mask, .index, .scalar, .counter, .equation, .adjoint, .eventArgument: .constant
    }
  }
}

extension Evaluator {
  /// The elements of a defined value in the order of memory.
  mutating func elements(of value: ValueID) -> [Double] {
    guard let record = record(of: value) else {
      preconditionFailure("interpreter: '\(values[value.index].name)' has no equation")
    }
    return elements(record, over: values[value.index].axes)
  }

  /// What a state is after `update`: the new value, but the old one where the new one is empty.
  mutating func committed(_ update: Equation) throws(InterpreterError) -> [Double] {
    let axes = values[update.value.index].axes
    let old = elements(of: update.value)
    let record = try evaluate(update.term)
    let new = elements(record, over: axes)
    guard let emptiness = emptiness(record, over: axes) else { return new }
    return new.indices.map { emptiness[$0] ? old[$0] : new[$0] }
  }
}
