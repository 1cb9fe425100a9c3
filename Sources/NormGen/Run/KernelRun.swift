import LoopIR
import Syntax

extension Kernel {
  /// Calls the forward function and, if gradients are wanted, the backward with what it saved.
  ///
  /// - Throws: `KernelError` if the call is not made.
  package func evaluate(_ call: BoundCall, threads: Threads?) throws(KernelError) -> CallResult {
    var result = CallResult()
    if let event = call.event {
      let function = try function(event: event.name)
      let (arrays, values) = arguments(of: function, call)
      let written = try run(
        event: event.name, sizes: sizes(of: call), arrays: arrays, values: values,
        threads: threads)
      result.take(written, of: function)
      return result
    }
    result.counters = call.counters
    for value in call.norm.values {
      guard case .state = value.kind else { continue }
      result.numbers[value.name] = call.numbers[value.name]
    }
    let saved = try evaluate(.forward, call, threads, saved: [:], into: &result)
    switch call.gradients {
    case .none: break
    case .all: _ = try evaluate(.backward, call, threads, saved: saved, into: &result)
    }
    return result
  }

  /// Makes the same calls on the caller's thread alone.
  package func evaluate(_ call: BoundCall) throws(KernelError) -> CallResult {
    try evaluate(call, threads: nil)
  }

  /// Calls one function; returns what it wrote, by the names in C.
  private func evaluate(
    _ direction: Direction, _ call: BoundCall, _ threads: Threads?, saved: [String: KernelArray],
    into result: inout CallResult
  ) throws(KernelError) -> [String: KernelArray] {
    let function = try function(direction, call.phase.ofKernels)
    let (own, values) = arguments(of: function, call)
    let arrays = saved.merging(own) { $1 }
    let written = try run(
      direction, call.phase.ofKernels, sizes: sizes(of: call), arrays: arrays, values: values,
      threads: threads)
    result.take(written, of: function)
    return written
  }

  /// The arrays and values that `call` has for the arguments of a function, by name.
  private func arguments(
    of function: KernelFunction, _ call: BoundCall
  ) -> (arrays: [String: KernelArray], values: [String: KernelValue]) {
    var arrays: [String: KernelArray] = [:]
    var values: [String: KernelValue] = [:]
    for argument in function.arguments {
      arrays[argument.name] = array(for: argument, of: call)
      values[argument.name] = value(for: argument, of: call)
    }
    return (arrays, values)
  }

  /// The sizes that are arguments; baked ones are not.
  private func sizes(of call: BoundCall) -> [String: Int] {
    call.sizes.byName.filter { size in interface.sizes.contains { $0.name == size.key } }
  }

  private func array(for argument: KernelArgument, of call: BoundCall) -> KernelArray? {
    let name: String
    switch argument.role {
    case .tensor, .mask, .index, .parameter, .state: name = argument.subject
    case .outputGradient: name = "d_" + argument.subject
    case .size, .nextState, .counter, .nextCounter, .scalar, .eventArgument, .output, .gradient,
      .tangent, .gradientAdjoint, .outputTangent, .outputGradientAdjoint, .saved, .partials,
      .merged, .workspace, .executor:
      return nil
    }
    guard let storage = argument.storage(in: interface), let numbers = call.numbers[name]
    else { return nil }
    return KernelArray(numbers, as: storage)
  }

  private func value(for argument: KernelArgument, of call: BoundCall) -> KernelValue? {
    switch argument.role {
    case .counter: call.counters[argument.subject].map { .count(Int64($0)) }
    case .eventArgument: call.eventArguments[argument.subject].map { .number($0) }
    case .scalar:
      call.scalars[argument.subject].map { number in
        argument.type == .bool ? .condition(number != 0) : .number(number)
      }
    case .size, .tensor, .outputGradient, .mask, .index, .parameter, .state, .nextState,
      .nextCounter, .output, .gradient, .tangent, .gradientAdjoint, .outputTangent,
      .outputGradientAdjoint, .saved, .partials, .merged, .workspace, .executor:
      nil
    }
  }
}

extension CallResult {
  /// Takes over what a function wrote, by the names in C.
  fileprivate mutating func take(
    _ written: [String: KernelArray], of function: KernelFunction
  ) {
    for argument in function.arguments {
      guard let array = written[argument.name] else { continue }
      take(array, as: argument)
    }
  }

  /// Takes over what a function wrote for `argument`.
  fileprivate mutating func take(_ array: KernelArray, as argument: KernelArgument) {
    switch argument.role {
    case .output, .nextState: numbers[argument.subject] = array.numbers
    case .gradient: numbers["d_" + argument.subject] = array.numbers
    case .nextCounter:
      if case .int64(let counts) = array, let count = counts.first {
        counters[argument.subject] = Int(count)
      }
    case .size, .tensor, .outputGradient, .mask, .index, .parameter, .state, .counter, .scalar,
      .eventArgument, .tangent, .gradientAdjoint, .outputTangent, .outputGradientAdjoint, .saved,
      .partials, .merged, .workspace, .executor:
      break
    }
  }
}

extension CallPhase {
  fileprivate var ofKernels: Kernel.Phase {
    switch self {
    case .train: .train
    case .eval: .eval
    }
  }
}
