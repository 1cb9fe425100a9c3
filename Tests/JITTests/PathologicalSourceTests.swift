import Foundation
import JIT
import Testing

/// C text on which TinyCC, left to itself, overflows its stack.
@Suite struct PathologicalSourceTests {
  /// Something that nests: what comes before, what is repeated, the core, its closing halves.
  struct Nest: Sendable, CustomTestStringConvertible {
    var head = "int f(int x) { return "
    var opening: String
    var core = "x"
    var closing = ""
    var tail = "; }"

    var testDescription: String { opening }

    func source(depth: Int) -> String {
      head + String(repeating: opening, count: depth) + core
        + String(repeating: closing, count: depth) + tail
    }
  }

  static let nests = [
    Nest(opening: "(", closing: ")"),
    Nest(opening: "-(", closing: ")"),
    Nest(opening: "- "),
    Nest(opening: "(int)"),
    Nest(opening: "x ? x : "),
    Nest(opening: "sizeof "),
    Nest(opening: "({ ", core: "x;", closing: "; })"),
    Nest(head: "int f(int x) { ", opening: "if (x); else ", core: ";", tail: "return 0; }"),
    Nest(head: "int f(int x) { ", opening: "if (x) { } else ", core: ";", tail: "return 0; }"),
    Nest(head: "int f(int x) { ", opening: "for (;;) ", core: ";", tail: "return 0; }"),
    Nest(head: "int f(int x) { ", opening: "{", core: ";", closing: "}", tail: "return 0; }"),
    Nest(head: "", opening: "struct {", core: "int x;", closing: "} x;", tail: ""),
    Nest(head: "int x[] = ", opening: "{", core: "1", closing: "}", tail: ";"),
    Nest(head: "int ", opening: "(", core: "x", closing: ")", tail: ";"),
  ]

  @Test(arguments: nests) func deepNestingIsThrown(_ nest: Nest) {
    #expect(throws: JITError.refused("line 1 is nested too deep")) {
      try compile(nest.source(depth: 20_000), exports: [])
    }
  }

  @Test func aMillionBracketsAreThrown() {
    #expect(throws: JITError.refused("line 1 is nested too deep")) {
      try compile(Self.nests[0].source(depth: 1_000_000), exports: [])
    }
  }

  /// Just under the limit TinyCC has the stack that it needs: it takes the text, or says why not.
  @Test(arguments: nests) func theDeepestThatIsTakenDoesNotEndTheProcess(_ nest: Nest) {
    var low = 1
    var high = 20_000
    var outcome: JITError?
    while high - low > 100 {
      let depth = (low + high) / 2
      do { _ = try compile(nest.source(depth: depth), exports: []) } catch { outcome = error }
      if case .refused = outcome { high = depth } else { low = depth }
      outcome = nil
    }
    #expect(low > 1000, "refused already at depth \(low)")
  }

  /// What is compiled on the stack of a caller leaves room on that of a pool, which has 512 KB.
  @Test(arguments: nests) func nestingOnTheCallersStackIsShallow(_ nest: Nest) {
    let ends = DispatchSemaphore(value: 0)
    let thread = Thread {
      for depth in 1...250 { _ = try? compile(nest.source(depth: depth), exports: []) }
      ends.signal()
    }
    thread.stackSize = 384 << 10
    thread.start()
    ends.wait()
  }

  @Test func ordinaryLengthIsNoNesting() throws {
    let statements = String(repeating: "  if (x > 0) { x = (x + 3) * (x - 1); }\n", count: 3000)
    let functions = (0..<20).map { "int f\($0)(int x) {\n\(statements)  return x;\n}\n" }
    _ = try compile(functions.joined(), exports: ["f19"])
  }

  @Test func commentsAndLiteralsDoNotNest() throws {
    let brackets = String(repeating: "(", count: 50_000)
    let source = """
      /*/ \(brackets) */ // \(brackets)
      /* \(brackets) **/ /**/
      const char *text(void) { return "\\"\(brackets)"; }
      int f(int x) { return x == '(' || x == '\\''; }
      """
    let code = try compile(source, exports: ["f"])
    #expect(try integerFunction("f", in: code)(40) == 1)
  }

  @Test func sizeIsBounded() {
    let source = String(repeating: "int x;\n", count: 5 << 20)
    let error = #expect(throws: JITError.self) { try compile(source, exports: []) }
    #expect(error?.description.contains("more than") == true)
  }

  @Test func aNULIsRefused() {
    #expect(throws: JITError.refused("it has a NUL")) {
      try compile("int x;\u{0} int y;", exports: [])
    }
  }

  @Test func unterminatedTextIsAnError() {
    for source in ["/*", "/", "\"abc", "'", "\"\\", "int f(", "#", "}", ")", "/* *", "//"] {
      // Some of these are empty files to C; what counts is that each call returns.
      _ = try? compile(source, exports: [])
    }
    #expect(throws: JITError.self) { try compile("int f(", exports: []) }
  }
}
