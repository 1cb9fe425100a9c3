import Basics
import CCode
import LoopIR

/// Writes the elementary functions that kernels use, from their lane programs.
struct FunctionCode {
  /// A function in one of its forms.
  private struct Use: Hashable {
    var function: ElementaryFunction
    var type: LaneType
    var mode: Mode
    enum Mode: Hashable { case scalar, lanes }
  }

  private let type: ComputeType
  private let scalarUses: [Use]
  private let laneUses: [Use]

  init(_ kernels: [LoopKernel], _ type: ComputeType) {
    self.type = type
    var scalar = Set<Use>()
    var lanes = Set<Use>()
    for region in kernels.flatMap(\.regions) {
      for step in region.prologue.map({ Step.scalars($0) }) + region.steps {
        switch step {
        case .scalars: scalar.formUnion(Self.uses(step.body.program, .scalar))
        case .reduce, .store: lanes.formUnion(Self.uses(step.body.program, .lanes))
        }
      }
    }
    // Wide lanes are plain doubles, unless the compute type is float64.
    let plain = lanes.filter { $0.type == .wide && type == .float32 }
    let order = { (a: Use, b: Use) in
      (a.function.rawValue, a.type.rawValue) < (b.function.rawValue, b.type.rawValue)
    }
    scalarUses = scalar.union(
      plain.map { Use(function: $0.function, type: .wide, mode: .scalar) }
    ).map { type == .float64 ? Use(function: $0.function, type: .wide, mode: .scalar) : $0 }
      .reduce(into: Set<Use>()) { $0.insert($1) }.sorted(by: order)
    laneUses = lanes.subtracting(plain).map {
      type == .float64 ? Use(function: $0.function, type: .number, mode: .lanes) : $0
    }.reduce(into: Set<Use>()) { $0.insert($1) }.sorted(by: order)
  }

  private static func uses(_ program: LaneProgram, _ mode: Use.Mode) -> Set<Use> {
    var found = Set<Use>()
    for (operation, type) in zip(program.operations, program.types) {
      if case .function(let function, _) = operation {
        found.insert(Use(function: function, type: type, mode: mode))
      }
    }
    return found
  }

  /// `true` iff kernels use integers in lanes.
  var usesIntegers: Bool { !laneUses.isEmpty }

  /// What stands before the readings: the scalar forms.
  var scalars: [CItem] {
    if scalarUses.isEmpty { return [] }
    return [.raw(ScalarBits.text)]
      + scalarUses.map { .function(scalarFunction($0)) }
  }

  /// What stands after the lanes: the forms on lanes.
  var lanes: [CItem] {
    laneUses.flatMap { use -> [CItem] in
      let program = LaneFunction.program(use.function, in: use.type, compute: type, scales: true)
      let one = CItem.function(laneFunction(use, program))
      return argumentNames(program).count == 1
        ? [one, .function(functionOfAll(use, program))] : [one]
    }
  }

  private func scalarFunction(_ use: Use) -> CFunction {
    let isFloat = use.type == .number && type == .float32
    let program = LaneFunction.program(use.function, in: use.type, compute: type)
    let cType: CType = isFloat ? .float : .double
    return CFunction(
      comment: "\(comment(use.function)), with the bits of the form on lanes.",
      prefix: ["HELPER"], result: cType,
      name: scalarName(of: use.function, isFloat: isFloat), parameters: parameters(program, cType),
      body: body(program, .scalar))
  }

  private func laneFunction(_ use: Use, _ program: LaneProgram) -> CFunction {
    let lanes = CType.named("lanes")
    return CFunction(
      comment: "\(comment(use.function)), in each lane.", prefix: ["INLINE"], result: lanes,
      name: "NAME(v_\(use.function.rawValue))", parameters: parameters(program, lanes),
      body: body(program, .lanes))
  }

  /// The function of each vector of a step: every operation is done for all of them before the
  /// next.
  private func functionOfAll(_ use: Use, _ program: LaneProgram) -> CFunction {
    let name = "v_" + use.function.rawValue
    let last = LaneValue(program.operations.count - 1)
    let code = ProgramCode(
      program, type, .lanes, arguments: [.name("x")], roots: [last],
      pinned: Set(program.operations.indices.map { LaneValue($0) }),
      names: NameSet(["x"], reserving: reservedNames))
    let slots = CExpression.name("SLOTS")
    var arrays: Set<String> = ["x"]
    var whole: [CStatement] = []
    let here = { (name: String) in CExpression.index(.name(name), .name("v")) }
    for statement in code.statements {
      guard case .declaration(let declaration) = statement,
        case .qualified(_, let lanes) = declaration.type,
        let variable = declaration.variables.first, let value = variable.initial
      else { unreachable("emission: a value that is not constant") }
      whole.append(.declare(.array(of: lanes, count: .name("VECTORS")), variable.name))
      whole.append(
        .eachVector(live: slots, [.set(here(variable.name), value.inVector(of: arrays))]))
      arrays.insert(variable.name)
    }
    whole.append(.eachVector(live: slots, [.set(here("x"), code[last].inVector(of: arrays))]))
    let each = CStatement.set(here("x"), .callVariant(name, [here("x")]))
    let isOne = CExpression.or(
      .less(.name("live"), slots), .equal(.name("LANES"), .integer(1)))
    return CFunction(
      comment: "\(comment(use.function)), in each lane of the vectors of a step.",
      prefix: ["INLINE"], name: "NAME(\(name)_all)",
      parameters: [
        CParameter(.array(of: .named("lanes"), count: nil), "x"), CParameter(.int, "live"),
      ],
      body: [
        .branch(isOne, [.eachVector(live: .name("live"), [each])], otherwise: whole)
      ])
  }

  private func comment(_ function: ElementaryFunction) -> String {
    switch function {
    case .exponential: "e to the power x"
    case .logarithm: "The natural logarithm of x"
    case .hyperbolicTangent: "The hyperbolic tangent of x"
    case .sigmoid: "1 / (1 + exp(-x))"
    case .errorFunction: "The error function of x"
    case .power: "x to the power y"
    }
  }

  private func parameters(_ program: LaneProgram, _ type: CType) -> [CParameter] {
    argumentNames(program).map { CParameter(type, $0) }
  }

  private func argumentNames(_ program: LaneProgram) -> [String] {
    let places = program.operations.compactMap { operation -> Int? in
      if case .argument(let place) = operation { place } else { nil }
    }
    return (places.max() ?? 0) == 0 ? ["x"] : ["x", "y"]
  }

  private func body(_ program: LaneProgram, _ mode: ProgramCode.Mode) -> [CStatement] {
    let last = LaneValue(program.operations.count - 1)
    let names = argumentNames(program)
    let code = ProgramCode(
      program, type, mode, arguments: names.map { .name($0) }, roots: [last],
      names: NameSet(names, reserving: reservedNames))
    return code.statements + [.return(code[last])]
  }
}

extension CExpression {
  /// The expression, of the vector `v` of each of these arrays.
  fileprivate func inVector(of arrays: Set<String>) -> CExpression {
    switch self {
    case .name(let name): arrays.contains(name) ? .index(self, .name("v")) : self
    case .call(let function, let operands):
      .call(function, operands.map { $0.inVector(of: arrays) })
    case .unary(let operation, let a): .unary(operation, a.inVector(of: arrays))
    case .integer, .size, .float, .double, .string, .index, .member, .pointerMember, .binary,
      .conditional, .cast, .compound, .initializer, .sizeOf:
      self
    }
  }
}

/// What the scalar forms of the functions need of integers.
private enum ScalarBits {
  static let text = """
    /* The bits of numbers, and integers that wrap around, in scalar code. */
    #define n_add(a, b) ((int32_t)((uint32_t)(a) + (uint32_t)(b)))
    #define n_sub(a, b) ((int32_t)((uint32_t)(a) - (uint32_t)(b)))
    #define n_mul(a, b) ((int32_t)((uint32_t)(a) * (uint32_t)(b)))
    #define n_and(a, b) ((a) & (b))
    #define n_or(a, b)  ((a) | (b))
    #define n_xor(a, b) ((a) ^ (b))
    #define n_shl(a, k) ((int32_t)((uint32_t)(a) << (k)))
    #define n_shr(a, k) ((int32_t)((uint32_t)(a) >> (k)))
    #define n_sar(a, k) ((a) >> (k))
    #define l_add(a, b) ((int64_t)((uint64_t)(a) + (uint64_t)(b)))
    #define l_sub(a, b) ((int64_t)((uint64_t)(a) - (uint64_t)(b)))
    #define l_mul(a, b) ((int64_t)((uint64_t)(a) * (uint64_t)(b)))
    #define l_and(a, b) ((a) & (b))
    #define l_or(a, b)  ((a) | (b))
    #define l_xor(a, b) ((a) ^ (b))
    #define l_shl(a, k) ((int64_t)((uint64_t)(a) << (k)))
    #define l_shr(a, k) ((int64_t)((uint64_t)(a) >> (k)))
    #define l_sar(a, k) ((a) >> (k))
    HELPER int32_t bits32(float a) {
      const union { float number; int32_t bits; } both = {.number = a};
      return both.bits;
    }
    HELPER float from_bits32(int32_t a) {
      const union { float number; int32_t bits; } both = {.bits = a};
      return both.number;
    }
    HELPER int64_t bits64(double a) {
      const union { double number; int64_t bits; } both = {.number = a};
      return both.bits;
    }
    HELPER double from_bits64(int64_t a) {
      const union { double number; int64_t bits; } both = {.bits = a};
      return both.number;
    }
    """
}
