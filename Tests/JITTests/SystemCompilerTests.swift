import Foundation
import JIT
import Testing

@Suite struct SystemCompilerTests {
  private let files = [
    (name: "scale.h", text: "double scale(double x);\n"),
    (name: "scale.c", text: "#include \"scale.h\"\ndouble scale(double x) { return 3 * x; }\n"),
    (name: "other.c", text: "#include \"scale.h\"\ndouble nine(void) { return scale(3); }\n"),
  ]

  @Test func compilesSeveralFilesIntoOneLibrary() throws {
    let library = try SystemCompiler().compile(files)
    let nine = try #require(library.address(of: "nine"))
    #expect(unsafeBitCast(nine, to: (@convention(c) () -> Double).self)() == 9)
    #expect(library.address(of: "ten") == nil)
  }

  @Test func librariesOfTheSameNamesAreSeparate() throws {
    let libraries = try (1...3).map {
      try SystemCompiler().compile([("f.c", "int f(void) { return \($0); }")])
    }
    let values = try libraries.map {
      unsafeBitCast(try #require($0.address(of: "f")), to: (@convention(c) () -> Int32).self)()
    }
    #expect(values == [1, 2, 3])
  }

  @Test func errorsCarryTheCompilersMessages() {
    let error = #expect(throws: JITError.self) {
      try SystemCompiler().compile([("wrong.c", "int f(void) { return 1 }\n")])
    }
    guard case .compilation(let text) = error else {
      Issue.record("not a compilation error: \(String(describing: error))")
      return
    }
    #expect(text.contains("wrong.c:1:") && text.contains("error:"))
  }

  @Test func longMessagesDoNotBlock() {
    let wrong = (0..<4000).map { "int f\($0)(void) { return missing\($0); }\n" }.joined()
    let compiler = SystemCompiler(flags: ["-std=c11", "-fmax-errors=0"])
    let error = #expect(throws: JITError.self) { try compiler.compile([("wrong.c", wrong)]) }
    #expect((error?.description.utf8.count ?? 0) > 100_000)
  }

  @Test func undefinedSymbolsAreNamed() {
    let source = "int missing(void); int f(void) { return missing(); }"
    let error = #expect(throws: JITError.self) { try SystemCompiler().compile([("f.c", source)]) }
    #expect(error?.description.contains("missing") == true)
  }

  @Test func compilersThatAreNotThereAreNamed() {
    #expect(throws: JITError.system("there is no compiler 'no-such-cc' in PATH")) {
      try SystemCompiler(command: "no-such-cc").compile(files)
    }
    #expect(throws: JITError.system("there is no compiler /no/such/cc")) {
      try SystemCompiler(command: "/no/such/cc").compile(files)
    }
  }

  @Test func aCompilerThatNeverEndsIsStopped() {
    let compiler = SystemCompiler(command: "tail", flags: ["-f", "/dev/null"], timeLimit: 1)
    #expect(throws: JITError.self) { try compiler.compile([]) }
  }

  @Test func aProgramThatReadsItsInputSeesItsEnd() {
    let compiler = SystemCompiler(command: "sh", flags: ["-c", "cat >&2; exit 3"])
    let error = #expect(throws: JITError.self) { try compiler.compile([]) }
    let said = error?.description ?? "nothing"
    #expect(said.contains("status 3"), "\(said)")
  }

  @Test func nothingStaysOnDisk() throws {
    let mark = "normgen_mark_\(UInt32.random(in: 0...UInt32.max))"
    _ = try SystemCompiler().compile([("\(mark).c", "int f(void) { return 1; }")])
    _ = try? SystemCompiler().compile([("\(mark).c", "int f(")])
    let temporary = FileManager.default.temporaryDirectory.path
    let names = try FileManager.default.contentsOfDirectory(atPath: temporary)
    for name in names where name.hasPrefix("normgen-") {
      let path = "\(temporary)/\(name)/\(mark).c"
      #expect(!FileManager.default.fileExists(atPath: path))
    }
  }
}
