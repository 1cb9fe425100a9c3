import Basics
import CCode
import Testing

@Suite struct PrintedMeaningTests {
  private let variables: [String: Int32] = ["a": 3, "b": -2, "c": 7]

  private struct ValuedExpression {
    var seed: UInt64
    var expression: CExpression
    var value: Int32
  }

  /// The first `count` random expressions that C defines, by increasing seed.
  private func expressions(_ count: Int) -> [ValuedExpression] {
    var found: [ValuedExpression] = []
    var seed: UInt64 = 0
    while found.count < count {
      seed += 1
      var random = SplitMix64(seed: seed)
      let expression = random.expression(depth: 5)
      guard let value = value(expression, variables) else { continue }
      found.append(ValuedExpression(seed: seed, expression: expression, value: value))
    }
    return found
  }

  /// Warnings about parentheses are errors here; those about constant operands are not.
  @Test(arguments: [Compiler.gcc, .clang, .tcc])
  func printedExpressionsKeepTheirValues(_ compiler: Compiler) throws {
    let cases = expressions(3000)
    let functions = cases.enumerated().map { i, item in
      CFunction(
        prefix: ["static"], result: .int, name: "f\(i)",
        parameters: [
          CParameter(.int, "a"), CParameter(.int, "b"), CParameter(.int, "c"),
        ],
        body: [
          .expression(.cast(.void, .name("a"))), .expression(.cast(.void, .name("b"))),
          .expression(.cast(.void, .name("c"))), .return(item.expression),
        ])
    }
    let checks = cases.enumerated().map { i, item in
      "  if (f\(i)(3, -2, 7) != \(item.value)) printf(\"seed \(item.seed)\\n\"), wrong++;\n"
    }
    let text = """
      #include <stdio.h>
      \(CFile(functions.map { .function($0) }).text)
      int main(void) {
        int wrong = 0;
      \(checks.joined())  return wrong != 0;
      }
      """
    let bench = try Workbench()
    defer { bench.remove() }
    try bench.write(text, to: "values.c")
    let flags: [String] =
      switch compiler {
      case .gcc, .clang:
        [
          "-std=c11", "-Werror=parentheses", "-Wno-overflow", "-Wno-div-by-zero",
          "-Wno-shift-count-negative", "-Wno-shift-count-overflow", "-O0",
        ]
      case .tcc: []
      }
    let parentheses =
      compiler == .clang
      ? [
        "-Werror=logical-op-parentheses", "-Werror=bitwise-op-parentheses",
        "-Werror=shift-op-parentheses", "-Werror=logical-not-parentheses", "-Wno-division-by-zero",
      ]
      : compiler == .gcc ? ["-Werror=logical-not-parentheses"] : []
    let compiled = try bench.run(
      compiler.rawValue, flags + parentheses + ["-o", "values", "values.c"])
    try #require(compiled.succeeded, "\(compiled.output.prefix(4000))")
    let checked = try bench.run("./values", [])
    #expect(checked.succeeded, "\(checked.output)")
  }

  @Test func printedNumbersComeBack() throws {
    var random = SplitMix64(seed: 99)
    var lines: [String] = []
    for _ in 0..<2000 {
      let single = Float(bitPattern: UInt32(truncatingIfNeeded: random.next()))
      let double = Double(bitPattern: random.next())
      if single.isFinite {
        let text = CExpression.float(single).text
        lines.append("  wrong += differs32(\(text), \(single.bitPattern)u);\n")
      }
      if double.isFinite {
        let text = CExpression.double(double).text
        lines.append("  wrong += differs64(\(text), \(double.bitPattern)ull);\n")
      }
    }
    let text = """
      #include <stdint.h>
      #include <string.h>
      static int differs32(float a, uint32_t b) { return memcmp(&a, &b, 4) != 0; }
      static int differs64(double a, uint64_t b) { return memcmp(&a, &b, 8) != 0; }
      int main(void) {
        int wrong = 0;
      \(lines.joined())  return wrong != 0;
      }
      """
    let bench = try Workbench()
    defer { bench.remove() }
    try bench.write(text, to: "numbers.c")
    for compiler in Compiler.allCases {
      let compiled = try bench.compile("numbers.c", to: "numbers", with: compiler)
      try #require(compiled.succeeded, "\(compiled.output.prefix(2000))")
      #expect(try bench.run("./numbers", []).succeeded, "\(compiler), seed 99")
    }
  }
}
