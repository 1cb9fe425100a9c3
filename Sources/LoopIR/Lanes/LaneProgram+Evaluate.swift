import Basics

extension LaneProgram {
  /// Returns the value of every operation for one lane, in order.
  ///
  /// The arithmetic is that of IEEE 754 in the value's own type: a `number` is a `Float` or a
  /// `Double` as `compute` says. The program is one that verifies, and `arguments` has the types
  /// of its arguments.
  package func evaluated(_ arguments: [LaneScalar], in compute: ComputeType) -> [LaneScalar] {
    var lane = Lane(arguments: arguments, compute: compute)
    lane.values.reserveCapacity(operations.count)
    for (operation, type) in zip(operations, types) {
      lane.values.append(lane.value(of: operation, type))
    }
    return lane.values
  }
}

/// The values of one lane so far.
private struct Lane {
  let arguments: [LaneScalar]
  let compute: ComputeType
  var values: [LaneScalar] = []

  func value(of operation: LaneOperation, _ type: LaneType) -> LaneScalar {
    switch operation {
    case .argument(let index): arguments[index]
    case .constant(let value): rounded(value, to: type)
    case .integerConstant(let value): truncated(value, to: type)
    case .truth(let value): .condition(value)
    case .unary(let unary, let a): apply(unary, self[a])
    case .binary(let binary, let a, let b): apply(binary, self[a], self[b])
    case .fused(let form, let a, let b, let c): apply(form, self[a], self[b], self[c])
    case .integer(let integer, let a, let b): apply(integer, self[a], self[b])
    case .compare(let comparison, let a, let b), .compareInteger(let comparison, let a, let b):
      .condition(compare(comparison, self[a], self[b]))
    case .logic(let logic, let a, let b): .condition(logic.applied(to: holds(a), holds(b)))
    case .not(let a): .condition(!holds(a))
    case .select(let condition, let a, let b): holds(condition) ? self[a] : self[b]
    case .bitcast(let a): bitcast(self[a])
    case .toInteger(let a): integer(self[a])
    case .toNumber(let a): number(self[a])
    case .widen(let a), .narrow(let a): converted(self[a], to: type)
    case .function(let function, let arguments): call(function, arguments, type)
    }
  }

  private subscript(value: LaneValue) -> LaneScalar { values[value.index] }

  private func holds(_ value: LaneValue) -> Bool {
    guard case .condition(let holds) = self[value] else { mismatch() }
    return holds
  }

  private func isSingle(_ type: LaneType) -> Bool {
    compute == .float32 && (type == .number || type == .integer)
  }

  private func rounded(_ value: Double, to type: LaneType) -> LaneScalar {
    isSingle(type) ? .float32(Float(value)) : .float64(value)
  }

  private func converted(_ value: LaneScalar, to type: LaneType) -> LaneScalar {
    guard let number = value.number else { mismatch() }
    return rounded(number, to: type)
  }

  private func truncated(_ value: Int64, to type: LaneType) -> LaneScalar {
    isSingle(type) ? .int32(Int32(truncatingIfNeeded: value)) : .int64(value)
  }

  private func call(
    _ function: ElementaryFunction, _ arguments: [LaneValue], _ type: LaneType
  ) -> LaneScalar {
    let program = LaneFunction.program(function, in: type, compute: compute)
    let values = program.evaluated(arguments.map { self[$0] }, in: compute)
    return values[values.count - 1]
  }
}

private func apply(_ operation: LaneUnary, _ a: LaneScalar) -> LaneScalar {
  switch a {
  case .float32(let a): .float32(operation.applied(to: a))
  case .float64(let a): .float64(operation.applied(to: a))
  case .int32, .int64, .condition: mismatch()
  }
}

private func apply(_ operation: LaneBinary, _ a: LaneScalar, _ b: LaneScalar) -> LaneScalar {
  switch (a, b) {
  case (.float32(let a), .float32(let b)): .float32(operation.applied(to: a, b))
  case (.float64(let a), .float64(let b)): .float64(operation.applied(to: a, b))
  default: mismatch()
  }
}

private func apply(
  _ form: FusedForm, _ a: LaneScalar, _ b: LaneScalar, _ c: LaneScalar
) -> LaneScalar {
  switch (a, b, c) {
  case (.float32(let a), .float32(let b), .float32(let c)): .float32(form.applied(to: a, b, c))
  case (.float64(let a), .float64(let b), .float64(let c)): .float64(form.applied(to: a, b, c))
  default: mismatch()
  }
}

private func apply(_ operation: LaneInteger, _ a: LaneScalar, _ b: LaneScalar) -> LaneScalar {
  switch (a, b) {
  case (.int32(let a), .int32(let b)): .int32(operation.applied(to: a, b))
  case (.int64(let a), .int64(let b)): .int64(operation.applied(to: a, b))
  default: mismatch()
  }
}

private func compare(_ comparison: LaneComparison, _ a: LaneScalar, _ b: LaneScalar) -> Bool {
  switch (a, b) {
  case (.float32(let a), .float32(let b)): comparison.applied(to: a, b)
  case (.float64(let a), .float64(let b)): comparison.applied(to: a, b)
  case (.int32(let a), .int32(let b)): comparison.applied(to: a, b)
  case (.int64(let a), .int64(let b)): comparison.applied(to: a, b)
  default: mismatch()
  }
}

private func bitcast(_ a: LaneScalar) -> LaneScalar {
  switch a {
  case .float32(let a): .int32(Int32(bitPattern: a.bitPattern))
  case .float64(let a): .int64(Int64(bitPattern: a.bitPattern))
  case .int32(let a): .float32(Float(bitPattern: UInt32(bitPattern: a)))
  case .int64(let a): .float64(Double(bitPattern: UInt64(bitPattern: a)))
  case .condition: mismatch()
  }
}

private func integer(_ a: LaneScalar) -> LaneScalar {
  switch a {
  case .float32(let a): .int32(Int32(a))
  case .float64(let a): .int64(Int64(a))
  case .int32, .int64, .condition: mismatch()
  }
}

private func number(_ a: LaneScalar) -> LaneScalar {
  switch a {
  case .int32(let a): .float32(Float(a))
  case .int64(let a): .float64(Double(a))
  case .float32, .float64, .condition: mismatch()
  }
}

/// Stops: the program does not verify, or the arguments are not those of the program.
private func mismatch() -> Never {
  unreachable("lane evaluation: operands of the wrong type")
}
