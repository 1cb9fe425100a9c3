import CCode
import Testing

@Suite(.serialized) struct PreludeHelperTests {
  /// The order of a sum found by walking over its elements.
  private struct WalkedOrder: Equatable {
    var blockRun = 0
    var blockSegments = 0
    var cuts = 0
    var blocks = 0
    var partBlocks = 0

    init(segments: Int, run: Int, slots: Int) {
      (blockRun, blockSegments, cuts) = (run, 1, 1)
      guard segments > 0, run > 0 else {
        partBlocks = 1
        return
      }
      // The additions that a segment makes in slot 0, which no other slot exceeds.
      let chain = (0..<run).count { $0 % slots == 0 }
      if chain > 64 {
        blockRun = (0..<run).prefix { $0 / slots < 64 }.count
        cuts = stride(from: 0, to: run, by: blockRun).reduce(0) { count, _ in count + 1 }
      } else {
        while (blockSegments + 1) * chain <= 64 { blockSegments += 1 }
      }
      blocks = stride(from: 0, to: segments, by: blockSegments).reduce(0) { n, _ in n + cuts }
      // The fewest consecutive blocks for which 16 parts are enough.
      repeat { partBlocks += 1 } while partBlocks * 16 < blocks
    }

    init(_ numbers: [Int]) {
      (blockRun, blockSegments, cuts) = (numbers[0], numbers[1], numbers[2])
      (blocks, partBlocks) = (numbers[3], numbers[4])
    }
  }

  private func pieces(_ prelude: Prelude, main: String) -> String {
    [
      prelude.opening, "typedef struct { int lanes; } kernels;\n", prelude.readings, prelude.lanes,
      "static const kernels NAME(kernels) = {LANES};\n", prelude.lastReading, prelude.bestKernels,
      main, prelude.closing,
    ].joined(separator: "\n")
  }

  private func bench(_ prelude: Prelude, main: String) throws -> Workbench {
    let bench = try Workbench()
    try bench.write(pieces(prelude, main: main), to: "file.c")
    try bench.write("#include <stddef.h>\n" + Prelude.executorDeclaration, to: "file.h")
    return bench
  }

  private func file(_ type: CComputeType) -> Prelude {
    Prelude(type: type, dialect: .file(name: "file.c", header: "file.h"))
  }

  @Test(arguments: CComputeType.allCases)
  func orderIsTheCanonicalOne(_ type: CComputeType) throws {
    let slots = type.slots
    let runs =
      [0, 1, 2, 3, 7, 31, 32, 33, 49, 63, 64, 65, 128, 1000, 1023, 2047, 2048, 2049, 4095]
      + [4096, 4097, 8192, 8193, 64 * slots - 1, 64 * slots + 1, 100_000]
    let segments = [0, 1, 2, 3, 16, 17, 63, 64, 65, 1024, 1025, 5000]
    let calls = runs.flatMap { run in segments.map { "  show(\($0), \(run));\n" } }.joined()
    let main = """
      int printf(const char *format, ...);
      static void show(size_t segments, size_t run) {
        const sum_order o = order_of(segments, run);
        printf("%d %d %d %d %d\\n", (int)o.block_run, (int)o.block_segments, (int)o.cuts,
               (int)o.blocks, (int)o.part_blocks);
      }
      int main(void) {
        (void)best_kernels();
      \(calls)  return 0;
      }
      """
    let bench = try bench(file(type), main: main)
    defer { bench.remove() }
    let compiled = try bench.compile("file.c", to: "file", with: .gcc)
    try #require(compiled.succeeded, "\(compiled.output)")
    let lines = try bench.run("./file", []).output.split(separator: "\n")
    let expected = runs.flatMap { run in segments.map { (run, $0) } }
    try #require(lines.count == expected.count)
    for (line, (run, segments)) in zip(lines, expected) {
      let printed = WalkedOrder(line.split(separator: " ").compactMap { Int($0) })
      let walked = WalkedOrder(segments: segments, run: run, slots: slots)
      #expect(printed == walked, "\(segments) segments of \(run)")
    }
  }

  private let behaviour = """
    static int calls, order[3];
    static void piece(void *task, size_t i) {
      calls++;
      ((int *)task)[i] = calls;
    }
    static void backwards(void *context, size_t pieces, void (*each)(void *task, size_t i),
                          void *task) {
      *(int *)context += 1;
      while (pieces > 0) each(task, --pieces);
    }
    int main(void) {
      const moments none = {0, 0, 0}, a = {2, 1, 2}, b = {3, 5, 8}, huge = {1, INFINITY, INFINITY};
      const moments both = merge(a, b), first = merge(none, huge), last = merge(huge, none);
      const moments block = block_moments(4, 10, 2, 3);
      const float_mode callers = enter_float_mode();
      int context = 0;
      const normgen_executor executor = {backwards, &context};

      if (both.count != 5) return 1;
      if (both.mean - 3.4 > 1e-15 || 3.4 - both.mean > 1e-15) return 2;
      if (both.squares - 29.2 > 1e-14 || 29.2 - both.squares > 1e-14) return 3;
      if (first.count != 1 || !(first.squares > 1e300) || !(last.mean > 1e300)) return 4;
      if (block.count != 4 || block.mean != 10.5 || block.squares != 2) return 5;
      if (merge(none, none).count != 0) return 6;
      if (ceil_div(0, 3) != 0 || ceil_div(9, 3) != 3 || ceil_div(10, 3) != 4) return 7;
      if (ceil_div(SIZE_MAX, 2) != SIZE_MAX / 2 + 1) return 8;
      if (smaller(2, 3) != 2 || larger(2, 3) != 3) return 9;

      run(NULL, 3, piece, order);
      if (calls != 3 || order[0] != 1 || order[2] != 3) return 10;
      run(&executor, 3, piece, order);
      if (calls != 6 || order[0] != 6 || order[2] != 4 || context != 1) return 11;
      run(&executor, 1, piece, order);
      run(&executor, 0, piece, order);
      if (calls != 7 || context != 1) return 12;

      set_float_mode(FLUSHING);
      volatile float small = 1e-38f;
      const bool flushed = small / 4 == 0;
      const float_mode found = enter_float_mode();
      const bool kept = small / 4 != 0;
      set_float_mode(found);
      const bool given_back = small / 4 == 0;
      set_float_mode(callers);
      if (CAN_FLUSH && !(flushed && kept && given_back && found == FLUSHING)) return 13;
      (void)best_kernels();
      return 0;
    }
    """

  @Test(arguments: CComputeType.allCases, Compiler.allCases)
  func helpersDoWhatTheySay(_ type: CComputeType, _ compiler: Compiler) throws {
    #if arch(x86_64)
      let mode = "#define FLUSHING 0x9fc0\n#define CAN_FLUSH 1\n"
    #else
      let mode = "#define FLUSHING 0\n#define CAN_FLUSH 0\n"
    #endif
    var variants: [(Prelude, [String])] = [(file(type), [])]
    if compiler == .tcc { variants.append((Prelude(type: type, dialect: .memory), ["-nostdinc"])) }
    for (prelude, flags) in variants {
      let bench = try bench(prelude, main: mode + behaviour)
      defer { bench.remove() }
      let compiled = try bench.compile("file.c", to: "file", with: compiler, flags)
      try #require(compiled.succeeded, "\(compiled.output)")
      let checked = try bench.run("./file", [])
      #expect(checked.succeeded, "main returned \(checked.status)")
    }
  }

  @Test(arguments: CComputeType.allCases, [Compiler.gcc, .clang])
  func whatIsNotUsedGivesNoWarning(_ type: CComputeType, _ compiler: Compiler) throws {
    let main = "const void *used(void);\nconst void *used(void) { return best_kernels(); }\n"
    let bench = try bench(file(type), main: main)
    defer { bench.remove() }
    for level in ["-O0", "-O2"] {
      for lanes in type.laneCounts {
        let compiled = try bench.run(
          compiler.rawValue,
          compiler.strictFlags + [level, "-DNORMGEN_LANES=\(lanes)", "-c", "file.c"])
        #expect(compiled.succeeded, "\(compiled.output)")
        #expect(compiled.output.isEmpty)
      }
    }
  }

  @Test(arguments: [Compiler.gcc, .clang])
  func fastMathIsRefused(_ compiler: Compiler) throws {
    let bench = try bench(file(.float32), main: "const void *used(void);\n")
    defer { bench.remove() }
    let compiled = try bench.run(compiler.rawValue, ["-ffast-math", "-c", "file.c"])
    #expect(!compiled.succeeded)
    #expect(compiled.output.contains("-ffast-math would change the order of sums"))
  }

  @Test(arguments: CComputeType.allCases)
  func anyFeaturesMakeATextForTinyCC(_ type: CComputeType) throws {
    let all = PreludeFeature.allCases
    for bits in 0..<(1 << all.count) {
      let features = Set(all.indices.filter { bits >> $0 & 1 == 1 }.map { all[$0] })
      let prelude = Prelude(type: type, dialect: .memory, features: features)
      let bench = try bench(prelude, main: "const void *used(void) { return best_kernels(); }\n")
      defer { bench.remove() }
      let compiled = try bench.run(
        "tcc", Compiler.tcc.strictFlags + ["-nostdinc", "-c", "file.c"])
      #expect(compiled.succeeded, "\(features): \(compiled.output)")
    }
  }

  @Test(arguments: CComputeType.allCases)
  func noLineIsTooLong(_ type: CComputeType) {
    for prelude in [file(type), Prelude(type: type, dialect: .memory)] {
      for line in pieces(prelude, main: "").split(separator: "\n") {
        #expect(line.count <= 100 && line.last != " ", "\(line)")
      }
    }
  }
}
