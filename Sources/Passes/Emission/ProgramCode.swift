import Basics
import CCode
import LoopIR

/// Writes lane programs as C: as scalar code, or in the operations on lanes of the prelude.
///
/// A value that is used once and has no name of its own stands inside the expression that uses
/// it; any other is a `const` variable.
struct ProgramCode {
  /// How values are held.
  enum Mode {
    /// `float`, `double` and `bool`, with C's operators.
    case scalar
    /// `lanes` and `masks`, `v_add(a, b)` and the like. Of wide lanes the prelude has arithmetic
    /// only: a sweep that compares them is compiled for one lane, where they are `double`.
    case lanes
  }

  /// What scalar code stands in.
  enum Surroundings {
    /// A loop of which compilers may take several turns at once.
    case loop
    /// A place, between its sweeps.
    case place
  }

  let program: LaneProgram
  let type: ComputeType
  let mode: Mode
  let surroundings: Surroundings
  /// The expression of each argument, by its place.
  private let arguments: [CExpression]
  private var uses: [Int]
  private var expressions: [Int: CExpression] = [:]
  /// The names that are taken, those of the code included.
  private(set) var names: NameSet
  private(set) var statements: [CStatement] = []
  /// Values that get a variable of this name.
  private let fixed: [LaneValue: String]
  /// Values that get a variable in any case.
  private let pinned: Set<LaneValue>

  /// - Parameters:
  ///   - roots: the values that are needed; others are left out.
  ///   - fixed: values that get a variable of a name that is theirs already.
  ///   - pinned: values that get a variable even where they are used once.
  ///   - names: the names that are taken where the code will stand.
  init(
    _ program: LaneProgram, _ type: ComputeType, _ mode: Mode,
    in surroundings: Surroundings = .loop, arguments: [CExpression], roots: [LaneValue],
    fixed: [LaneValue: String] = [:], pinned: Set<LaneValue> = [],
    names: NameSet
  ) {
    self.program = program
    self.type = type
    self.mode = mode
    self.surroundings = surroundings
    self.arguments = arguments
    self.names = names
    self.fixed = fixed
    self.pinned = pinned
    uses = Array(repeating: 0, count: program.operations.count)
    for root in roots { uses[root.index] += 1 }
    for index in program.operations.indices.reversed() where uses[index] > 0 {
      for operand in written(program.operations[index]) { uses[operand.index] += 1 }
    }
    for index in program.operations.indices where uses[index] > 0 { write(LaneValue(index)) }
  }

  /// The expression that stands for a value that is needed.
  subscript(value: LaneValue) -> CExpression {
    guard let expression = expressions[value.index] else {
      unreachable("emission: a value was left out")
    }
    return expression
  }

  /// A sum in lanes, with `value`, or `value * factor`, added.
  func sum(of sum: CExpression, and value: LaneValue, _ factor: LaneValue?) -> CExpression {
    factor.map { .call("v_fma", self[value], self[$0], sum) } ?? .call("v_add", sum, self[value])
  }

  private mutating func write(_ value: LaneValue) {
    let operation = program.operations[value.index]
    let expression = expression(operation, program.types[value.index])
    let name = program.names[value.index].flatMap { identifier($0) }
    let isInline =
      isLeaf(operation)
      ? isSimple(expression)
      : uses[value.index] == 1 && name == nil && !pinned.contains(value)
    if fixed[value] == nil, isInline {
      expressions[value.index] = expression
      return
    }
    let variable = fixed[value] ?? names.unique(name ?? "value")
    statements.append(.constant(cType(program.types[value.index]), variable, expression))
    expressions[value.index] = .name(variable)
  }

  /// A name of mathematics as a name in C, if it is nearly one: `2^k` is none.
  private func identifier(_ name: String) -> String? {
    let isLetter = { (byte: UInt8) in
      (65...90).contains(byte) || (97...122).contains(byte) || byte == 95
    }
    guard let first = name.utf8.first, isLetter(first),
      name.utf8.allSatisfy({ isLetter($0) || (48...57).contains($0) })
    else { return nil }
    return name
  }

  private func isLeaf(_ operation: LaneOperation) -> Bool {
    switch operation {
    case .argument, .constant, .integerConstant, .truth: true
    default: false
    }
  }

  /// `true` iff it costs nothing to write `expression` again.
  private func isSimple(_ expression: CExpression) -> Bool {
    switch expression {
    case .name, .integer, .size, .float, .double, .cast: true
    case .unary(.negate, let a): isSimple(a)
    case .call(.name("v_splat"), _), .call(.name("i_splat"), _): true
    default: false
    }
  }

  /// The C type of a value.
  private func cType(_ laneType: LaneType) -> CType {
    switch (laneType, mode) {
    case (.number, .scalar): type.cType
    case (.number, .lanes): .named("lanes")
    case (.wide, .scalar): .double
    case (.wide, .lanes): .named(type == .float64 ? "lanes" : "wide")
    case (.integer, .scalar): .named(type == .float32 ? "int32_t" : "int64_t")
    case (.wideInteger, _): .named("int64_t")
    case (.integer, .lanes): .named("ints")
    case (.condition, .scalar): .bool
    case (.condition, .lanes): .named("masks")
    }
  }

  /// `true` iff values of this type are written with the operations on lanes.
  private func isLanes(_ laneType: LaneType) -> Bool {
    switch laneType {
    case .number, .integer, .condition: mode == .lanes
    case .wide: mode == .lanes && type == .float64
    case .wideInteger: false
    }
  }

  /// `true` iff values of this type are written with the operations on wide lanes.
  private func isWide(_ laneType: LaneType) -> Bool {
    laneType == .wide && mode == .lanes && type == .float32
  }

  private func isFloat(_ laneType: LaneType) -> Bool { laneType == .number && type == .float32 }

  private func typeOf(_ value: LaneValue) -> LaneType { program.types[value.index] }

  private func expression(_ operation: LaneOperation, _ laneType: LaneType) -> CExpression {
    switch operation {
    case .argument(let place): return arguments[place]
    case .constant(let value): return constant(value, laneType)
    case .integerConstant(let value):
      return isLanes(laneType) ? .call("i_splat", .integer(value)) : .integer(value)
    case .truth(let value):
      let name = CExpression.name(value ? "true" : "false")
      return isLanes(laneType) ? .call("m_splat", name) : name
    case .unary(let function, let a): return unary(function, self[a], laneType)
    case .binary(let function, let a, let b): return binary(function, self[a], self[b], laneType)
    case .fused(let form, let a, let b, let c):
      return fused(form, self[a], self[b], self[c], laneType)
    case .integer(let function, let a, let b): return integer(function, a, b, laneType)
    case .compare(let comparison, let a, let b):
      return compare(comparison, self[a], self[b], prefix: "m_", isLanes(typeOf(a)))
    case .compareInteger(let comparison, let a, let b):
      return compare(comparison, self[a], self[b], prefix: "i_", isLanes(typeOf(a)))
    case .logic(let connective, let a, let b):
      if isLanes(.condition) {
        return .call(connective == .and ? "m_and" : "m_or", self[a], self[b])
      }
      return .binary(connective == .and ? .and : .or, self[a], self[b])
    case .not(let a): return isLanes(.condition) ? .call("m_not", self[a]) : .not(self[a])
    case .select(let c, let a, let b):
      if let extreme = extreme(operation) { return .call(extreme, self[a], self[b]) }
      return select(self[c], self[a], self[b], laneType)
    case .bitcast(let a): return conversion("bits_of", "v_bits", "v_from_bits", a, laneType)
    case .toInteger(let a):
      return isLanes(laneType) ? .call("v_to_int", self[a]) : .cast(cType(laneType), self[a])
    case .toNumber(let a):
      return isLanes(laneType) ? .call("v_from_int", self[a]) : .cast(cType(laneType), self[a])
    case .widen(let a):
      if type == .float64 { return self[a] }
      return mode == .lanes ? .call("w_widen", self[a]) : .cast(.double, self[a])
    case .narrow(let a):
      if type == .float64 { return self[a] }
      return mode == .lanes ? .call("w_round", self[a]) : .cast(type.cType, self[a])
    case .function(let function, let operands):
      return call(function, operands.map { self[$0] }, laneType)
    }
  }

  private func constant(_ value: Double, _ laneType: LaneType) -> CExpression {
    let literal = isFloat(laneType) ? CExpression.float(Float(value)) : .double(value)
    if isWide(laneType) { return .call("w_splat", literal) }
    return isLanes(laneType) ? .call("v_splat", literal) : literal
  }

  private func unary(
    _ function: LaneUnary, _ a: CExpression, _ laneType: LaneType
  ) -> CExpression {
    if isLanes(laneType) {
      return switch function {
      case .negate: .call("v_neg", a)
      case .absolute: .call("v_abs", a)
      case .squareRoot: .call("v_sqrt", a)
      case .floor: .call("v_floor", a)
      }
    }
    let suffix = isFloat(laneType) ? "f" : ""
    return switch function {
    case .negate: .negate(a)
    case .absolute: .call("fabs" + suffix, a)
    case .squareRoot: .call((surroundings == .place ? "lone_sqrt" : "sqrt") + suffix, a)
    case .floor: .call("floor" + suffix, a)
    }
  }

  private func binary(
    _ function: LaneBinary, _ a: CExpression, _ b: CExpression, _ laneType: LaneType
  ) -> CExpression {
    if isLanes(laneType) || isWide(laneType) {
      return .call((isWide(laneType) ? "w_" : "v_") + function.nameInLanes, a, b)
    }
    return switch function {
    case .add: .add(a, b)
    case .subtract: .subtract(a, b)
    case .multiply: .multiply(a, b)
    case .divide: .divide(a, b)
    case .scale: .call(isFloat(laneType) ? "scalbnf" : "scalbn", a, .cast(.int, b))
    }
  }

  private func fused(
    _ form: FusedForm, _ a: CExpression, _ b: CExpression, _ c: CExpression, _ laneType: LaneType
  ) -> CExpression {
    if isLanes(laneType) {
      return switch form {
      case .productPlus: .call("v_fma", a, b, c)
      case .minusProduct: .call("v_fnma", a, b, c)
      case .productMinus: .call("v_fms", a, b, c)
      }
    }
    if isWide(laneType) {
      let minus = CExpression.call("w_splat", .double(-1))
      return switch form {
      case .productPlus: .call("w_fma", a, b, c)
      case .minusProduct: .call("w_fma", .call("w_mul", minus, a), b, c)
      case .productMinus: .call("w_fma", a, b, .call("w_mul", minus, c))
      }
    }
    let fma = isFloat(laneType) ? "fmaf" : "fma"
    return switch form {
    case .productPlus: .call(fma, a, b, c)
    case .minusProduct: .call(fma, .negate(a), b, c)
    case .productMinus: .call(fma, a, b, .negate(c))
    }
  }

  private func integer(
    _ function: LaneInteger, _ a: LaneValue, _ b: LaneValue, _ laneType: LaneType
  ) -> CExpression {
    let names: [LaneInteger: String] = [
      .add: "add", .subtract: "sub", .multiply: "mul", .and: "and", .or: "or", .xor: "xor",
      .shiftLeft: "shl", .shiftRightLogical: "shr", .shiftRightArithmetic: "sar",
    ]
    let name = names[function] ?? ""
    var right = self[b]
    // The operations on lanes take shift counts as plain integers.
    if name.hasPrefix("sh") || name == "sar", case .call(_, let inner) = right, inner.count == 1 {
      right = inner[0]
    }
    let prefix = isLanes(laneType) ? "i_" : (cType(laneType) == .named("int32_t") ? "n_" : "l_")
    return .call(prefix + name, self[a], right)
  }

  private func compare(
    _ comparison: LaneComparison, _ a: CExpression, _ b: CExpression, prefix: String,
    _ lanes: Bool
  ) -> CExpression {
    switch comparison {
    case .less: lanes ? .call(prefix + "lt", a, b) : .less(a, b)
    case .lessOrEqual: lanes ? .call(prefix + "le", a, b) : .binary(.lessOrEqual, a, b)
    case .equal: lanes ? .call(prefix + "eq", a, b) : .equal(a, b)
    case .notEqual: lanes ? .call(prefix + "ne", a, b) : .binary(.notEqual, a, b)
    }
  }

  private func select(
    _ condition: CExpression, _ a: CExpression, _ b: CExpression, _ laneType: LaneType
  ) -> CExpression {
    switch laneType {
    case .integer where isLanes(laneType): .call("i_select", condition, a, b)
    case .condition where isLanes(laneType):
      .call("m_or", .call("m_and", condition, a), .call("m_and", .call("m_not", condition), b))
    case _ where isLanes(laneType): .call("v_select", condition, a, b)
    default: .conditional(condition, a, b)
    }
  }

  /// The operation on lanes that chooses the lesser or the greater of two numbers, and the second
  /// where they do not compare; `nil` if `operation` is none.
  private func extreme(_ operation: LaneOperation) -> String? {
    guard case .select(let condition, let a, let b) = operation, isLanes(typeOf(a)),
      case .compare(.less, let lower, let upper) = program.operations[condition.index]
    else { return nil }
    if (lower, upper) == (a, b) { return "v_lesser" }
    return (lower, upper) == (b, a) ? "v_greater" : nil
  }

  /// The values that the expression of an operation names, as often as it may repeat them.
  private func written(_ operation: LaneOperation) -> [LaneValue] {
    guard extreme(operation) != nil, case .select(_, let a, let b) = operation else {
      return operation.operands
    }
    return [a, b, a, b]
  }

  private func conversion(
    _ scalar: String, _ toBits: String, _ fromBits: String, _ a: LaneValue, _ laneType: LaneType
  ) -> CExpression {
    let isToBits = laneType == .integer || laneType == .wideInteger
    if isLanes(laneType) { return .call(isToBits ? toBits : fromBits, self[a]) }
    let isShort = laneType == .integer && type == .float32 || isFloat(laneType)
    let width = isShort ? "32" : "64"
    return .call((isToBits ? "bits" : "from_bits") + width, self[a])
  }

  private func call(
    _ function: ElementaryFunction, _ operands: [CExpression], _ laneType: LaneType
  ) -> CExpression {
    if isLanes(laneType) { return .callVariant("v_" + function.rawValue, operands) }
    return .call(scalarName(of: function, isFloat: isFloat(laneType)), operands)
  }
}

extension LaneBinary {
  /// What follows `v_` or `w_` in the prelude.
  fileprivate var nameInLanes: String {
    switch self {
    case .add: "add"
    case .subtract: "sub"
    case .multiply: "mul"
    case .divide: "div"
    case .scale: "scale"
    }
  }
}

/// The name of the scalar form of a function: `normgen_expf` in float32, `normgen_exp` in float64.
func scalarName(of function: ElementaryFunction, isFloat: Bool) -> String {
  "normgen_" + function.rawValue + (isFloat ? "f" : "")
}

extension ComputeType {
  /// The type of a number in C.
  var cType: CType { self == .float32 ? .float : .double }
  /// What the fixed text of files is written for.
  package var prelude: CComputeType { self == .float32 ? .float32 : .float64 }
}
