import Basics
import Interpreter
import LoopIR
import Syntax

@testable import NormGen

/// Repeats a call in the interpreter with every step of it a little off, as rounding would have
/// it: where results move a lot, a comparison is about to flip or digits cancel.
struct Jitter {
  private let random: [UInt64]
  private let amount: Double

  /// `amount` is the relative error of each step.
  init(seed: UInt64, samples: Int, amount: Double) {
    var generator = SplitMix64(seed: seed)
    random = (0..<samples).map { _ in generator.next() }
    self.amount = amount
  }

  /// The results of `call`, each time with other errors.
  func samples(of call: BoundCall) throws -> [CallResult] {
    try random.map { seed in
      var errors = JitterErrors(norm: call.norm, seed: seed, amount: amount)
      return try interpret(errors.disturbed(call))
    }
  }
}

/// The errors of one sample.
private struct JitterErrors {
  private var random: SplitMix64
  private let amount: Double
  /// Values that are integers, computed without error.
  private var exact: Set<ValueID> = []

  init(norm: CheckedNorm, seed: UInt64, amount: Double) {
    random = SplitMix64(seed: seed)
    self.amount = amount
    for (place, value) in norm.values.enumerated() {
      switch value.kind {
      case .counter, .mask, .index: exact.insert(ValueID(place))
      case .scalar where value.isCondition: exact.insert(ValueID(place))
      case .tensor, .parameter, .state, .scalar, .equation, .adjoint, .eventArgument: break
      }
    }
  }

  private mutating func factor() -> Double { 1 + .random(in: -amount...amount, using: &random) }

  mutating func disturbed(_ call: BoundCall) -> BoundCall {
    var call = call
    for value in call.norm.values where !value.isCondition {
      if case .index = value.kind { continue }
      if let numbers = call.numbers[value.name] {
        call.numbers[value.name] = numbers.map { $0 * factor() }
      }
      if let number = call.scalars[value.name] { call.scalars[value.name] = number * factor() }
      if let numbers = call.numbers["d_" + value.name] {
        call.numbers["d_" + value.name] = numbers.map { $0 * factor() }
      }
    }
    disturb(&call.norm.train)
    disturb(&call.norm.eval)
    return call
  }

  private mutating func disturb(_ phase: inout Phase) {
    disturb(&phase.equations)
    disturb(&phase.updates)
    for place in phase.gradients.indices {
      disturb(&phase.gradients[place].equations)
      disturb(&phase.gradients[place].contributions)
      disturb(&phase.gradients[place].updates)
    }
  }

  private mutating func disturb(_ equations: inout [Equation]) {
    for place in equations.indices {
      if isExact(equations[place].term) { exact.insert(equations[place].value) }
      equations[place].term = disturbed(equations[place].term)
    }
  }

  /// `true` iff `term` is a condition on integers or an integer itself.
  private func isExact(_ term: Term) -> Bool {
    let parts = term.form.operands.allSatisfy { isExact($0) }
    switch term.form {
    case .number(let number): return number == number.rounded()
    case .truth, .size, .index: return true
    case .value(let id): return exact.contains(id)
    case .unary(let function, _):
      return parts && [.negate, .absolute, .sign].contains(function)
    case .binary(let function, _, _):
      return parts && [.add, .subtract, .multiply, .modulo, .maximum, .minimum].contains(function)
    case .compare, .not, .logic, .select, .lookUp, .regroup, .stopGradient: return parts
    case .reduce(let reduction):
      return parts && [.sum, .maximum, .minimum, .count].contains(reduction.kind)
    }
  }

  /// `term` with an error in each step that rounds.
  private mutating func disturbed(_ term: Term) -> Term {
    if isExact(term) { return term }
    var result = term
    switch term.form {
    case .number, .truth, .value, .size, .index: return term
    case .unary(let function, let x):
      result.form = .unary(function, disturbed(x))
      // A quotient by a root is one operation, which an error between them would hide.
      if function == .squareRoot { return result }
    case .binary(let function, let x, let y):
      result.form = .binary(function, disturbed(x), disturbed(y))
    case .compare(let comparison, let x, let y):
      result.form = .compare(comparison, disturbed(x), disturbed(y))
    case .not(let x): result.form = .not(disturbed(x))
    case .logic(let connective, let x, let y):
      result.form = .logic(connective, disturbed(x), disturbed(y))
    case .select(let condition, let x, let y):
      result.form = .select(disturbed(condition), disturbed(x), disturbed(y))
    case .regroup(let x, let from, let to):
      result.form = .regroup(disturbed(x), from: from, to: to)
    case .lookUp(let x, let along, let place):
      result.form = .lookUp(disturbed(x), along: along, at: place)
    case .stopGradient(let x): result.form = .stopGradient(disturbed(x))
    case .reduce(var reduction):
      reduction.operand = disturbed(reduction.operand)
      reduction.condition = reduction.condition.map { disturbed($0) }
      result.form = .reduce(reduction)
    }
    guard !term.isCondition else { return result }
    let error = Term(.number(factor()), axes: [], isCondition: false)
    return Term(.binary(.multiply, result, error), axes: term.axes, isCondition: false)
  }
}
