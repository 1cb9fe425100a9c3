import MachineCode
import Testing

/// Loops over columns, LANES at once, against one after the other.
@Suite struct LaneLoopTests {
  @Test(arguments: Target.InstructionSet.allCases, Target.Number.allCases)
  func loopsOverColumnsHaveTheBitsOfC(
    _ instructionSet: Target.InstructionSet, _ number: Target.Number
  ) throws {
    try compareBits(
      Target(instructionSet, number),
      """
      const bool kept = n % 2 == 1;
      for (size_t c = 0; c < n; c++) {
        totals[c] = (double)call->x[c] * call->scale + (double)at;
      }
      for (size_t c = 0; c < n; c++) {
        const double total = totals[c];
        const double value = kept ? total : fma(total, call->scale, -total);
        const NUMBER mean = (NUMBER)(value / 3.0);
        const NUMBER root = (NUMBER)(1.0 / sqrt((double)(mean * mean) + call->scale));
        const NUMBER same = (NUMBER)call->scale;
        means[c] = 2 * mean - root;
        if (n > 16) call->out[at * n + c] = call->y[at * n + c] - -root * same;
      }
      for (size_t c = 0; c < n; c++) {
        if (call->out) {
          if (n < 64 || kept) call->out[c + at * n] = means[c];
        }
      }
      """)
  }

  /// What an iteration writes, the next one may read.
  @Test(arguments: Target.InstructionSet.allCases)
  func iterationsThatDependOnEachOtherHaveTheBitsOfC(
    _ instructionSet: Target.InstructionSet
  ) throws {
    try compareBits(
      Target(instructionSet, .float32),
      """
      totals[0] = 1.0;
      double last = 0.0;
      for (size_t c = 0; c < n; c++) {
        totals[c + 1] = totals[c] * 0.5 + (double)call->x[c];
      }
      for (size_t c = 0; c < n; c++) {
        call->out[at * n + c] = (float)(totals[n - c] + totals[c / 2]);
      }
      for (size_t c = 0; c < n; c++) {
        last = (double)call->out[at * n + c];
        call->sums[at * 16] = last;
      }
      for (size_t c = 0; c < n; c++) {
        if (totals[c] > 2.0) call->out[at * n + c] = 3.0f;
      }
      """)
  }

  /// A loop whose step changes another variable than its condition reads is run as it stands.
  @Test(arguments: Target.InstructionSet.allCases)
  func loopsOfTwoVariablesHaveTheBitsOfC(_ instructionSet: Target.InstructionSet) throws {
    try compareBits(
      Target(instructionSet, .float32),
      """
      const size_t least = smaller(n, 1);
      for (size_t k = 0, place = at / 3; k < 1; place++) {
        const size_t end = smaller((place + 1) * 3 - at, least + 1);
        for (; k < end; k++) {
          if (k < n && place < n) call->out[at * n + k] = call->x[place];
        }
      }
      """)
  }

  private func compareBits(_ target: Target, _ body: String) throws {
    let type = target.number == .float32 ? "float" : "double"
    let text = """
      KERNEL void NAME(f)(const call_of_f *call, size_t first, size_t last) {
        const size_t n = call->n;
        for (size_t at = first; at < last; at++) {
          double totals[256];
          NUMBER means[256];
          \(body)
        }
      }
      """.split(separator: "NUMBER", omittingEmptySubsequences: false).joined(separator: type)
    let region = CompiledRegion(seed: 0, target)
    switch target.number {
    case .float32: try region.compareBits(of: Float.self, text: text)
    case .float64: try region.compareBits(of: Double.self, text: text)
    }
  }
}
