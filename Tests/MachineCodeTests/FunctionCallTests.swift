import CCode
import Glibc
import JIT
import MachineCode
import Testing

/// Functions that call others, compiled and followed statement by statement.
@Suite struct FunctionCallTests {
  /// Returns in and behind branches, known and unknown ones.
  @Test(arguments: Target.InstructionSet.allCases)
  func returnsInBranchesEndTheFunction(_ instructionSet: Target.InstructionSet) throws {
    let function = try TestedFunction(
      """
      HELPER int inner(size_t n, size_t m) {
        if (n > 10) {
          if (m > 10) return 1;
          if (m == 3) {
            return 2;
          }
        } else if (m == 5) {
          return 3;
        } else {
          if (n == 7) return 4;
        }
        if (n == m) return 5;
        return 6;
      }
      int f(void *const *a) {
        const size_t n = *(const size_t *)a[0], m = *(const size_t *)a[1];
        return 10 * inner(n, m) + inner(7, 7);
      }
      """, instructionSet)
    func inner(_ n: UInt, _ m: UInt) -> Int64 {
      if n > 10, m > 10 { return 1 }
      if n > 10, m == 3 { return 2 }
      if n <= 10, m == 5 { return 3 }
      if n == 7 { return 4 }
      return n == m ? 5 : 6
    }
    for n in 0..<14 as Range<UInt> {
      for m in 0..<14 as Range<UInt> {
        for answer in try function.answers([n, m]) {
          #expect(answer == 10 * inner(n, m) + 4, "\(n), \(m)")
        }
      }
    }
  }

  /// What lives across calls is kept, however much that is; memory that is passed is written.
  @Test(arguments: Target.InstructionSet.allCases)
  func whatACallNeedsSurvivesIt(_ instructionSet: Target.InstructionSet) throws {
    let function = try TestedFunction(
      """
      typedef struct { size_t least; int64_t sum, product; const size_t *numbers; } totals;
      HELPER void add(void *task, size_t i) {
        totals *const all = task;
        all->sum += (int64_t)all->numbers[i];
        all->product = all->product * 3 + (int64_t)i;
      }
      HELPER void each(size_t count, void *piece, void *task) {
        for (size_t i = 0; i < count; i++) piece(task, i);
      }
      int f(void *const *a) {
        const size_t n = *(const size_t *)a[0], b = *(const size_t *)a[1];
        const size_t c = *(const size_t *)a[2], d = *(const size_t *)a[3];
        const size_t e = *(const size_t *)a[4], g = *(const size_t *)a[5];
        const size_t h = *(const size_t *)a[6], k = *(const size_t *)a[7];
        totals all = {.numbers = a[0], .least = n};
        each(8, add, &all);
        void *const *table = a[8];
        table[0](&all, n + b, c, d);
        table[0](&all, e, g + h, k);
        return (int)(all.sum + all.product + (int64_t)(n + 2 * b + 3 * c + 5 * d)
                     + (int64_t)(7 * e + 11 * g + 13 * h + 17 * k + all.least));
      }
      """, instructionSet)
    let numbers: [UInt] = [3, 1, 4, 1, 5, 9, 2, 6]
    let weights: [UInt] = [1, 2, 3, 5, 7, 11, 13, 17]
    var product = 0
    for i in 0..<8 { product = product * 3 + i }
    let called = (3 + 1 + 10 * 4 + 100 * 1) + (5 + 10 * (9 + 2) + 100 * 6)
    let weighted = zip(numbers, weights).reduce(0) { $0 + Int($1.0 * $1.1) }
    let expected = Int(numbers.reduce(0, +)) + product + called + weighted + 3
    let answers = try function.answers(numbers, table: [addToSum])
    #expect(answers == [Int64](repeating: Int64(expected), count: 2))
  }

  /// The floating-point mode of the caller comes back, and is not that of what is called.
  @Test(arguments: Target.InstructionSet.allCases)
  func theFloatModeIsEnteredAndLeft(_ instructionSet: Target.InstructionSet) throws {
    let function = try TestedFunction(
      """
      int f(void *const *a) {
        const float_mode callers = enter_float_mode();
        void *const *table = a[1];
        size_t *const found = a[0];
        table[0](found, 0, 0, 0);
        set_float_mode(callers);
        return (int)found[0];
      }
      """, instructionSet)
    #expect(try function.answers([7], table: [noteRounding]) == [0, 0])
    #expect(fesetround(FE_UPWARD) == 0)
    let answers = Result { try function.answers([7], table: [noteRounding]) }
    var after = 7
    noteRounding(&after, 0, 0, 0)
    fesetround(FE_TONEAREST)
    #expect(after == 1, "the caller rounds upwards again")
    #expect(try answers.get() == [0, 0])
  }

  @Test func loopsThatReturnStayC() throws {
    let text = """
      int f(void *const *a) {
        for (size_t i = 0; i < *(const size_t *)a[0]; i++) {
          if (i == 3) return 1;
        }
        return 0;
      }
      """
    let library = Library(ofNamesAnd: CParser.items(of: text))
    #expect(throws: Unsupported.self) {
      try machineCode(of: "f", in: library, for: Target(.avx2, .float32))
    }
  }
}

/// `int f(void *const *a)` in C.
private struct TestedFunction {
  private let library: Library
  private let image: CodeImage

  init(_ text: String, _ instructionSet: Target.InstructionSet) throws {
    library = Library(ofNamesAnd: CParser.items(of: text))
    image = try CodeImage(
      holding: machineCode(of: "f", in: library, for: Target(instructionSet, .float32)))
  }

  /// What the function answers compiled, and without, where the arguments are the addresses of
  /// numbers and then that of a table of functions.
  func answers(_ numbers: [UInt], table: [Called] = []) throws -> [Int64] {
    let table = table.map { unsafeBitCast($0, to: UInt.self) }
    return try table.withUnsafeBufferPointer { table in
      try [true, false].map { isCompiled in
        var numbers = numbers
        return try numbers.withUnsafeMutableBufferPointer { numbers in
          let start = UInt(bitPattern: numbers.baseAddress)
          let arguments =
            numbers.indices.map { start + UInt(8 * $0) } + [UInt(bitPattern: table.baseAddress)]
          return try arguments.withUnsafeBytes { arguments in
            let start = try #require(arguments.baseAddress)
            if !isCompiled {
              return try #require(try directCall(of: "f", in: library, start, linkage: Linkage()))
            }
            let function = unsafeBitCast(image.start, to: Compiled.self)
            return Int64(function(start))
          }
        }
      }
    }
  }
}

private typealias Compiled = @convention(c) (UnsafeRawPointer) -> Int32
private typealias Called = @convention(c) (UnsafeMutablePointer<Int>, Int, Int, Int) -> Void

/// Adds to the second word.
private let addToSum: Called = { all, a, b, c in all[1] += a + 10 * b + 100 * c }

/// Stores whether a number becomes larger by an addition of almost nothing.
private let noteRounding: Called = { found, _, _, _ in
  let number = Double(found[0])
  found[0] = number + 0x1p-60 > number ? 1 : 0
}
