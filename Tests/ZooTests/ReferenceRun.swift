import Interpreter
import LoopIR
import NumPyFormat
import Syntax

@testable import NormGen

/// A norm that is taken through the steps of a reference file by one engine, its states and
/// counters going from step to step.
struct ReferenceRun {
  let norm: CheckedNorm
  let type: Options.Scalar
  let file: ReferenceFile
  let entry: ReferenceEntry
  private var numbers: [String: [Double]] = [:]
  private var counters: [String: Int] = [:]
  private var scalars: [String: Double] = [:]

  /// What computes a call.
  enum Engine {
    case interpreter
    case kernel(Kernel)
  }

  /// A value of a step, as the file has it and as an engine found it.
  struct Comparison {
    let step: Int
    let name: String
    let expected: [Double]
    var found: [Double]

    /// Makes each row that was found the mean of all.
    fileprivate mutating func averageRows(_ shape: [Int]) {
      let old = found
      for place in found.indices where old.count == shape[0] * shape[1] {
        let column = stride(from: place % shape[1], to: old.count, by: shape[1])
        found[place] = column.reduce(0) { $0 + old[$1] } / Double(shape[0])
      }
    }
  }

  /// Why a file does not fit its norm.
  struct Mismatch: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
  }

  init(_ norm: CheckedNorm, _ file: ReferenceFile, _ type: Options.Scalar) throws {
    self.norm = norm
    self.type = type
    self.file = file
    entry = ReferenceEntry.of(file.name)
    try takeScalars("set_")
    for (name, array) in try file.arrays("param.") { try take(array, called: name) }
    for (name, array) in try file.arrays("0.state.") { try take(array, called: name) }
  }

  /// Runs all steps; all that the file expects is in the result.
  mutating func comparisons(_ engine: Engine) throws -> [Comparison] {
    var comparisons: [Comparison] = []
    for (step, action) in try actions().enumerated() {
      try takeScalars("\(step).set_")
      let result: CallResult
      switch action {
      case .train: result = try called(engine, .train, step)
      case .eval: result = try called(engine, .eval, step)
      case .event(let name): result = try event(name, engine, step)
      }
      for (name, array) in try file.arrays("\(step).out.") {
        comparisons.append(try comparison(step, name, array, prefix: "", result))
      }
      for (name, array) in try file.arrays("\(step).grad.") {
        comparisons.append(try comparison(step, name, array, prefix: "d_", result))
      }
      for (name, array) in try file.arrays("\(step).next.") {
        comparisons.append(try comparison(step, name, array, prefix: "", result))
      }
      takeStates(of: result)
    }
    return comparisons
  }

  private func actions() throws -> [ReferenceFile.Action] {
    try entry.event.map { [.event($0)] } ?? file.actions()
  }

  private mutating func takeScalars(_ prefix: String) throws {
    for (name, array) in try file.arrays(prefix) {
      if let known = entry.name(name, among: scalarNames) {
        scalars[known] = array.numbers.first
      } else if !entry.leavesOut(name), entry.sizeName(name, in: norm) == nil {
        throw Mismatch("the norm has no scalar '\(name)'")
      }
    }
  }

  private var scalarNames: [String] {
    norm.values.compactMap { if case .scalar = $0.kind { $0.name } else { nil } }
  }

  private var arrayNames: [String] {
    norm.values.compactMap { value in
      switch value.kind {
      case .tensor, .mask, .index, .parameter, .state, .counter: value.name
      case .scalar, .equation, .adjoint, .eventArgument: nil
      }
    }
  }

  /// Takes over what the file gives.
  private mutating func take(_ array: NumPyArray, called name: String) throws {
    guard let known = entry.name(name, among: arrayNames) else {
      if entry.leavesOut(name) { return }
      throw Mismatch("the norm has no '\(name)'")
    }
    guard let value = norm.values.first(where: { $0.name == known }) else { return }
    if case .counter = value.kind {
      counters[known] = array.numbers.first.map { Int($0) }
    } else {
      numbers[known] = array.numbers
    }
  }

  private mutating func takeStates(of result: CallResult) {
    counters.merge(result.counters) { $1 }
    for value in norm.values {
      switch value.kind {
      case .state, .parameter:
        if let elements = result.numbers[value.name] { numbers[value.name] = elements }
      case .tensor, .mask, .index, .counter, .scalar, .equation, .adjoint, .eventArgument: break
      }
    }
  }

  private mutating func called(
    _ engine: Engine, _ phase: CallPhase, _ step: Int
  ) throws -> CallResult {
    for (name, array) in try file.arrays("\(step).in.") { try take(array, called: name) }
    let adjoints = try file.arrays("\(step).grad_out.")
    let sizes = try sizes(step)
    var call = BoundCall(
      norm, sizes, phase: phase, type: type, gradients: adjoints.isEmpty ? .none : .all)
    call.numbers = numbers
    call.counters = counters
    call.scalars = scalars
    for output in norm.outputs {
      let value = norm.values[output.index]
      call.numbers["d_" + value.name] = Array(repeating: 0, count: sizes.count(of: value))
    }
    for (name, array) in adjoints {
      guard let known = entry.name(name, among: norm.outputs.map { norm.values[$0.index].name })
      else { throw Mismatch("the norm has no output '\(name)'") }
      call.numbers["d_" + known] = array.numbers
    }
    try call.fillInitialValues()
    return try computed(call, engine)
  }

  private mutating func event(
    _ name: String, _ engine: Engine, _ step: Int
  ) throws -> CallResult {
    guard let known = entry.name(name, among: norm.events.map(\.name)) else {
      throw Mismatch("the norm has no event '\(name)'")
    }
    for (name, array) in try file.arrays("\(step).in.") { try take(array, called: name) }
    let sizes = try sizes(entry.event == nil ? firstCall() : step)
    var call = BoundCall(norm, sizes, phase: .eval, type: type, gradients: .none)
    call.event = try norm.event(named: known)
    call.numbers = numbers
    call.counters = counters
    call.scalars = scalars
    try call.fillInitialValues()
    return try computed(call, engine)
  }

  private func computed(_ call: BoundCall, _ engine: Engine) throws -> CallResult {
    let ranks = try file.array("rank_sizes")?.numbers.map { Int($0) }
    switch engine {
    case .interpreter:
      return try ranks.map { try interpret(call, ranks: $0) } ?? interpret(call)
    case .kernel(let kernel):
      return try ranks.map { try kernel.evaluate(call, ranks: $0) } ?? kernel.evaluate(call)
    }
  }

  /// The first step that is given tensors.
  private func firstCall() throws -> Int {
    try file.actions().firstIndex {
      switch $0 {
      case .train, .eval: true
      case .event: false
      }
    } ?? 0
  }

  /// The sizes of a step: those of the tensors that it is given, else what the file names.
  private func sizes(_ step: Int) throws -> CallSizes {
    var given = entry.sizes
    for prefix in ["size_", "set_"] {
      for (name, array) in try file.arrays(prefix) {
        guard let known = entry.sizeName(name, in: norm) else { continue }
        given[known] = array.numbers.first.map { Int($0) }
      }
    }
    var binding = try SizeBinding(norm, given: given)
    for (name, array) in try file.arrays("\(step).in.") + file.arrays("param.") {
      guard let known = entry.name(name, among: arrayNames),
        let value = norm.values.first(where: { $0.name == known })
      else { continue }
      // The scripts keep what they have reduced as 1; no axis of theirs is as short.
      let shape = array.shape.filter { $0 != 1 }
      try binding.bind(shape, to: value, file: "\(step).in.\(name)")
    }
    return try binding.complete()
  }

  private func comparison(
    _ step: Int, _ name: String, _ array: NumPyArray, prefix: String, _ result: CallResult
  ) throws -> Comparison {
    let known = entry.name(name, among: norm.values.map(\.name)) ?? name
    let unchanged =
      prefix.isEmpty ? numbers[known] ?? counters[known].map { [Double($0)] } : nil
    let found =
      result.numbers[prefix + known] ?? result.counters[known].map { [Double($0)] } ?? unchanged
    guard let found else { throw Mismatch("step \(step) has no \(prefix)\(known)") }
    var comparison = Comparison(
      step: step, name: prefix + known, expected: array.numbers, found: found)
    if entry.parameterGradients == .averaged, prefix == "d_", array.shape.count == 2 {
      comparison.averageRows(array.shape)
    }
    return comparison
  }
}
