import Basics
import Testing

@testable import Syntax

/// No input takes long, much memory or the stack.
@Suite struct LimitTests {
  static let many = 100_000
  static let few = 10_000

  /// An expression that begins with many of the same.
  struct Nest: CustomTestStringConvertible {
    var before = ""
    let repeated: String
    var end = "x"
    var closing = ""
    var count = few

    var text: String {
      before + String(repeating: repeated, count: count) + end
        + String(repeating: closing, count: count)
    }

    var testDescription: String { "\(before)\(repeated) \(count) times" }
  }

  @Test(arguments: [
    Nest(repeated: "(", closing: ")", count: many), Nest(repeated: "-", count: many),
    Nest(repeated: "x^"), Nest(repeated: "x + "), Nest(repeated: "x * "),
    Nest(repeated: "if x > 0 then x else "), Nest(repeated: "abs("), Nest(repeated: "mean[C]("),
    Nest(before: "if ", repeated: "not ", end: "x > 0 then x else 0"),
    Nest(before: "if ", repeated: "x > 0 and ", end: "x > 0 then x else 0"),
  ])
  func deepNestingIsReportedOnce(nest: Nest) {
    let expression = nest.text
    let messages = checked("norm f(x[N, C]) -> y {\n  y = \(expression)\n}\n").messages
    #expect(messages.contains("error: nested too deeply (limit 256)"))
    #expect(messages.count { $0 == "\n" } == 3, "\(messages.prefix(1000))")
  }

  @Test func nestingUpToTheLimitIsFine() {
    let depth = 250
    let open = String(repeating: "(", count: depth)
    let close = String(repeating: ")", count: depth)
    let spec = "norm f(x[N, C]) -> y {\n  y = \(open)x\(close)\n}\n"
    #expect(checked(spec).messages == "")
    #expect(formatted(spec) == spec)
  }

  @Test(arguments: ["norm f(x[C]) -> y { y = x }\n", "("])
  func aFileOfTenMegabytesIsNoSpec(piece: String) {
    let text = String(repeating: piece, count: 10_000_000 / piece.utf8.count + 1)
    let messages = checked(text).messages
    #expect(messages.contains("is too long (limit 1048576)"))
    #expect(messages.utf8.count < 2000)
  }

  @Test func aLongFileOfMistakesGivesAHundred() {
    let text = String(repeating: "norm f(x[C] -> y { y = }\n@\n", count: 30_000)
    var diagnostics = DiagnosticSet()
    #expect(check(SourceFile(name: "long.norm", text: text), into: &diagnostics).isEmpty)
    #expect(diagnostics.entries.count == DiagnosticLog.limit + 1)
  }

  @Test func aNormOfManyEquationsIsChecked() {
    let count = 5000
    let equations = (1...count).map { "  a\($0) = a\($0 - 1) + 1\n" }.joined()
    let spec = "norm f(a0[C]) -> y {\n\(equations)  y = a\(count)\n}\n"
    let (norms, messages) = checked(spec)
    #expect(messages == "")
    #expect(norms.first?.train.equations.count == count + 1)
  }

  @Test func aCycleOfManyEquationsIsReportedOnce() {
    let count = 5000
    let equations = (0..<count).map { "  a\($0) = a\(($0 + 1) % count)\n" }.joined()
    let messages = checked("norm f(x[C]) -> y {\n\(equations)  y = x + a0\n}\n").messages
    #expect(messages.contains("a0 depends on itself: a0 -> a1 -> a2"))
    #expect(messages.contains("-> … -> a0"))
    #expect(messages.count { $0 == "\n" } == 3)
  }

  @Test func longWordsAreCutInMessages() {
    let word = String(repeating: "a", count: 100_000)
    let messages = checked("norm f(x[C]) -> y {\n  y = \(word)\n}\n").messages
    #expect(messages.contains("no value named 'aaa"))
    #expect(messages.utf8.count < 2000)
  }
}
