import CCode
import JIT
import MachineCode
import Testing

/// Regions as machine code against the plain reading of the same C.
@Suite struct RegionCompilerTests {
  @Test(arguments: Target.InstructionSet.allCases, Target.Number.allCases)
  func randomRegionsGiveTheBitsOfC(
    _ instructionSet: Target.InstructionSet, _ number: Target.Number
  ) throws {
    let target = Target(instructionSet, number)
    for seed in 1...40 as ClosedRange<UInt64> {
      let region = CompiledRegion(seed: seed, target)
      switch number {
      case .float32: try region.compareBits(of: Float.self)
      case .float64: try region.compareBits(of: Double.self)
      }
    }
  }

  /// What is left out of sums with +0 changes no sign: the numbers hold a -0.
  @Test(arguments: Target.InstructionSet.allCases)
  func sumsWithZeroHaveTheSignsOfC(_ instructionSet: Target.InstructionSet) throws {
    let text = """
      KERNEL void NAME(f)(const call_of_f *call, size_t first, size_t last) {
        for (size_t at = first; at < last; at++) {
          const float number = call->y[at * call->n + 2];
          const float sum = number + 0.0f;
          call->sums[at * 16] = (double)number;
          call->sums[at * 16 + 1] = (double)sum;
          call->sums[at * 16 + 2] = 0.0 + (double)number;
          call->sums[at * 16 + 3] = 0.0 + (0.0 + (double)sum);
          call->sums[at * 16 + 4] = (double)sum + -0.0;
          call->sums[at * 16 + 5] = -(0.0 + (double)sum) + 0.0;
          call->out[at * call->n] = (float)(double)number;
          call->out[at * call->n + 1] = (float)(0.0 + (double)sum);
        }
      }
      """
    let region = CompiledRegion(seed: 0, Target(instructionSet, .float32))
    try region.compareBits(of: Float.self, counts: [16, 64], text: text)
  }

  /// A quotient by a power of two is a product, where the inverse is a normal number.
  @Test(
    arguments: Target.InstructionSet.allCases,
    ["8.0f", "3.0f", "-0.25f", "0x1p-126f", "0x1p126f", "0x1p127f", "0x1p-149f", "0.0f"])
  func quotientsByKnownNumbersHaveTheBitsOfC(
    _ instructionSet: Target.InstructionSet, _ divisor: String
  ) throws {
    let text = """
      KERNEL void NAME(f)(const call_of_f *call, size_t first, size_t last) {
        const size_t n = call->n;
        const float count = 1.0f < 2.0f ? \(divisor) : 5.0f;
        for (size_t j = 0; j + LANES <= n; j += LANES) {
          const lanes small = v_mul(v_load(call->x + j, LANES), v_splat(1e-38f));
          v_store(call->out + j, v_div(small, v_splat(count)), LANES);
        }
      }
      """
    try CompiledRegion(seed: 0, Target(instructionSet, .float32))
      .compareBits(of: Float.self, counts: [0, 16, 64], text: text)
  }

  /// Loops with known bounds, each in the next one, partly in a function of their own.
  @Test func ofNestedLoopsTheInnermostAloneIsWrittenOut() throws {
    func bytes(_ count: Int) throws -> Int {
      let loop = { (name: String) in "for (size_t \(name) = 0; \(name) < count; \(name)++)" }
      let text = """
        INLINE void NAME(rows)(float *out, const float *x, size_t count) {
          \(loop("k")) \(loop("l")) {
            lanes sum = v_zero();
            \(loop("m")) sum = v_add(sum, v_load(x + k * l * m, LANES));
            v_store(out, sum, LANES);
          }
        }
        KERNEL void NAME(f)(const call_of_f *call, size_t first, size_t last) {
          const size_t count = \(count);
          \(loop("i")) \(loop("j")) {
            NAME(rows)(call->out + i, call->x + j, count);
          }
        }
        """
      let items = CParser.items(of: callStructure("float") + text)
      let library = Library().adding(Prelude.helpers(.float32)).adding(items)
      return try machineCode(of: "f", in: library, for: Target(.avx512, .float32)).count
    }
    #expect(try bytes(16) < 2 * bytes(1000))
    #expect(try bytes(1) < bytes(16))
  }

  @Test(arguments: [
    ("unknown(first);", "the function unknown"),
    ("for (size_t i = first; i < last; i++) { if (i > 3) break; }", "the name break"),
    ("lanes a[4]; a[first] = v_zero();", "an element of a that is not known"),
    ("size_t n = missing;", "the name missing"),
  ])
  func whatIsNotKnownIsRefused(_ statement: String, _ reason: String) throws {
    let text =
      "KERNEL void NAME(f)(const call_of_f *call, size_t first, size_t last) {"
      + statement + "}"
    let items = CParser.items(of: callStructure("float") + text)
    try #require(items.contains { if case .function = $0 { true } else { false } })
    let library = Library().adding(Prelude.helpers(.float32)).adding(items)
    for instructionSet in Target.InstructionSet.allCases {
      let error = #expect(throws: Unsupported.self) {
        try machineCode(of: "f", in: library, for: Target(instructionSet, .float32))
      }
      #expect(error?.reason.contains(reason) == true, "\(String(describing: error))")
    }
  }
}

/// What a random region gets.
func callStructure(_ type: String) -> String {
  """
  typedef struct {
    size_t n;
    const \(type) *x;
    const \(type) *y;
    \(type) *out;
    double *sums;
    double scale;
  } call_of_f;

  """
}
