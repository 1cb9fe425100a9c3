import Interpreter
import LoopIR
import NormGen
import Syntax

extension PreparedCase {
  /// How far the results of each engine are from those of the interpreter, which computes in
  /// float64 from the same arrays: the largest difference in any array, in units of its largest
  /// number, at least 1.
  ///
  /// The engines are called on the arrays that are measured; a backward after its own forward.
  ///
  /// - Throws: `InputError` if a call is refused.
  package func deviations(_ function: MeasuredFunction) throws -> [Double] {
    let expected = try interpreted(function)
    let forwards =
      function == .direction(.backward) ? try subjects(.direction(.forward)) : []
    return try subjects(function).enumerated().map { index, subject in
      if index < forwards.count { try forwards[index].run(1) }
      try subject.run(1)
      return deviation(of: function, from: expected)
    }
  }

  /// What the interpreter makes of the arrays.
  private func interpreted(_ function: MeasuredFunction) throws -> CallResult {
    let norm = try laidOut(norm.norm, self.norm.options.layouts)
    var call = BoundCall(
      norm, try norm.callSizes(given: self.norm.options.sizes), phase: self.norm.phase,
      type: self.norm.options.type, parameterType: self.norm.options.parameters,
      gradients: function == .direction(.backward) ? .all : .none)
    var settings = self.norm.options.settings
    if case .event(let name) = function {
      call.event = try norm.event(named: name)
      call.phase = .eval
      call.eventArguments = try norm.arguments(of: call.event, among: &settings)
    }
    call.scalars = settings
    for value in norm.values {
      guard case .counter = value.kind else { continue }
      call.counters[value.name] = Int(CallArrays.callsBefore)
    }
    let forward = function == .direction(.backward) ? arguments(of: .direction(.forward)) : []
    for argument in forward + arguments(of: function) {
      guard let name = argument.nameAsInput else { continue }
      call.numbers[name] = arrays.numbers(argument.name)
    }
    try call.fillInitialValues()
    do {
      return try interpret(call)
    } catch let error as InterpreterError {
      throw InputError(error.description)
    }
  }

  /// The distance of what lies in the arrays from what was expected.
  private func deviation(of function: MeasuredFunction, from expected: CallResult) -> Double {
    arguments(of: function).reduce(0) { worst, argument in
      guard let found = arrays.numbers(argument.name),
        let numbers = expected.result(argument)
      else { return worst }
      return max(worst, scaledDeviation(numbers, found))
    }
  }
}

extension KernelArgument {
  /// What a call calls the array, if it is read.
  fileprivate var nameAsInput: String? {
    switch role {
    case .tensor, .mask, .index, .parameter, .state: subject
    case .outputGradient: "d_" + subject
    case .size, .tangent, .gradientAdjoint, .nextState, .counter, .nextCounter, .scalar,
      .eventArgument, .output, .gradient, .outputTangent, .outputGradientAdjoint, .saved,
      .partials, .merged, .workspace, .executor:
      nil
    }
  }
}

extension CallResult {
  /// What is expected of an array; `nil` for what is read, and what is saved between functions.
  fileprivate func result(_ argument: KernelArgument) -> [Double]? {
    switch argument.role {
    case .output, .nextState: numbers[argument.subject]
    case .gradient: numbers["d_" + argument.subject]
    case .nextCounter: counters[argument.subject].map { [Double($0)] }
    case .size, .tensor, .outputGradient, .tangent, .gradientAdjoint, .mask, .index, .parameter,
      .state, .counter, .scalar, .eventArgument, .outputTangent, .outputGradientAdjoint, .saved,
      .partials, .merged, .workspace, .executor:
      nil
    }
  }
}
