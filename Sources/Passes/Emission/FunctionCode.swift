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
  var lanes: [CItem] { laneUses.map { .function(laneFunction($0)) } }

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

  private func laneFunction(_ use: Use) -> CFunction {
    let program = LaneFunction.program(use.function, in: use.type, compute: type)
    let lanes = CType.named("lanes")
    return CFunction(
      comment: "\(comment(use.function)), in each lane.", prefix: ["INLINE"], result: lanes,
      name: "NAME(v_\(use.function.rawValue))", parameters: parameters(program, lanes),
      body: body(program, .lanes))
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
