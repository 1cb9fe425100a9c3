/// The programs of the elementary functions.
///
/// They are straight lines without branches, which give the same bits wherever they are run, for
/// all arguments: denormals, infinities and NaN, and huge ones. A NaN's sign and payload are left
/// open. The special values of pow are those of IEEE 754.
///
/// The greatest errors found, in units in the last place of the result: in float32 of all
/// arguments, and for pow of 3 * 10^8 pairs; in float64 of 10^8 arguments. The cost is operations
/// without constants and bit casts.
///
/// | function | error, float32 | error, float64 | cost, float32 | cost, float64 |
/// | -------- | -------------- | -------------- | ------------- | ------------- |
/// | exp      | 1.042          | 1.000          | 23            | 29            |
/// | log      | 0.828          | 0.800          | 31            | 34            |
/// | tanh     | 1.855          | 2.040          | 26            | 32            |
/// | sigmoid  | 1.641          | 1.619          | 30            | 36            |
/// | erf      | 1.766          | 1.568          | 31            | 51            |
/// | pow      | 1.044          | 1.695          | 83            | 123           |
package enum LaneFunction {
  /// Returns the program of `function` on values of the type `type`, a number or wide.
  ///
  /// Its arguments are `.argument(0)` and, for pow, `.argument(1)`; its result is its last value.
  ///
  /// - Parameter scales: whether it has the operation `scale`, with which it gives the same bits.
  package static func program(
    _ function: ElementaryFunction, in type: LaneType, compute: ComputeType, scales: Bool = false
  ) -> LaneProgram {
    var builder = FunctionBuilder(type: type, compute: compute, scales: scales)
    let x = builder.argument(0)
    switch function {
    case .exponential: builder.appendExponential(of: x)
    case .logarithm: builder.appendLogarithm(of: x)
    case .hyperbolicTangent: builder.appendHyperbolicTangent(of: x)
    case .sigmoid: builder.appendSigmoid(of: x)
    case .errorFunction: builder.appendErrorFunction(of: x)
    case .power:
      let y = builder.argument(1)
      builder.appendPower(of: x, to: y)
    }
    return builder.program
  }
}

extension LaneProgram {
  /// Appends the operations of `program` with `arguments` in place of its arguments, and returns
  /// the value of its last operation.
  package mutating func append(inlining program: LaneProgram, _ arguments: [LaneValue])
    -> LaneValue
  {
    var placed: [LaneValue] = []
    for (index, operation) in program.operations.enumerated() {
      if case .argument(let argument) = operation {
        placed.append(arguments[argument])
      } else {
        let moved = operation.mapOperands { placed[$0.index] }
        placed.append(append(moved, program.types[index], name: program.names[index]))
      }
    }
    return placed[placed.count - 1]
  }

  /// Returns this program with the programs of its functions in the place of their calls, and
  /// the values that took the place of this program's.
  package func inliningFunctions(
    in compute: ComputeType
  ) -> (program: LaneProgram, values: [LaneValue]) {
    var result = LaneProgram()
    var values: [LaneValue] = []
    for (index, operation) in operations.enumerated() {
      if case .function(let function, let arguments) = operation {
        let body = LaneFunction.program(function, in: types[index], compute: compute)
        values.append(result.append(inlining: body, arguments.map { values[$0.index] }))
      } else {
        let moved = operation.mapOperands { values[$0.index] }
        values.append(result.append(moved, types[index], name: names[index]))
      }
    }
    return (result, values)
  }
}

extension LaneOperation {
  /// Returns the operation with each of its operands replaced.
  package func mapOperands(_ transform: (LaneValue) -> LaneValue) -> LaneOperation {
    switch self {
    case .argument, .constant, .integerConstant, .truth: self
    case .unary(let operation, let a): .unary(operation, transform(a))
    case .binary(let operation, let a, let b): .binary(operation, transform(a), transform(b))
    case .fused(let form, let a, let b, let c):
      .fused(form, transform(a), transform(b), transform(c))
    case .integer(let operation, let a, let b): .integer(operation, transform(a), transform(b))
    case .compare(let comparison, let a, let b):
      .compare(comparison, transform(a), transform(b))
    case .compareInteger(let comparison, let a, let b):
      .compareInteger(comparison, transform(a), transform(b))
    case .logic(let operation, let a, let b): .logic(operation, transform(a), transform(b))
    case .not(let a): .not(transform(a))
    case .select(let condition, let a, let b):
      .select(transform(condition), transform(a), transform(b))
    case .bitcast(let a): .bitcast(transform(a))
    case .toInteger(let a): .toInteger(transform(a))
    case .toNumber(let a): .toNumber(transform(a))
    case .widen(let a): .widen(transform(a))
    case .narrow(let a): .narrow(transform(a))
    case .function(let function, let arguments): .function(function, arguments.map(transform))
    }
  }
}
