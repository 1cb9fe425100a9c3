import CCode
import Testing

/// Conversions of numbers of 16 bits: every pattern that is read, and all that is near a tie of
/// what is written, in each reading and under each compiler.
@Suite(.serialized) struct ShortConversionTests {
  @Test(
    arguments: [
      (.gcc, ["-O0"]), (.gcc, ["-O2"]), (.clang, ["-O0"]), (.clang, ["-O2"]), (.tcc, []),
    ] as [(Compiler, [String])])
  func conversionsAreExactOrRoundedToNearestEven(_ compiler: (Compiler, [String])) throws {
    let bench = try Workbench()
    defer { bench.remove() }
    let prelude = Prelude(
      type: .float32, dialect: .file(name: "shorts.c", header: "shorts.h"),
      shorts: Set(CShortFormat.allCases))
    try bench.write(ShortProgramText(prelude: prelude).text, to: "shorts.c")
    try bench.write("#include <stddef.h>\n" + Prelude.executorDeclaration, to: "shorts.h")
    let compiled = try bench.compile("shorts.c", to: "shorts", with: compiler.0, compiler.1)
    try #require(compiled.succeeded, "\(compiled.output.prefix(4000))")
    let checked = try bench.run("./shorts", [])
    #expect(checked.succeeded, "\(checked.output)")
    #expect(checked.output.contains("best checked"))
    #if arch(x86_64)
      #expect(checked.output.contains("avx2 checked") == (compiler.0 != .tcc))
    #endif
  }

  @Test func theTextInMemoryConvertsAlike() throws {
    let bench = try Workbench()
    defer { bench.remove() }
    let prelude = Prelude(
      type: .float32, dialect: .memory, features: [], shorts: Set(CShortFormat.allCases))
    try bench.write(ShortProgramText(prelude: prelude).text, to: "shorts.c")
    let compiled = try bench.compile("shorts.c", to: "shorts", with: .tcc, ["-nostdinc"])
    try #require(compiled.succeeded, "\(compiled.output.prefix(4000))")
    let checked = try bench.run("./shorts", [])
    #expect(checked.succeeded, "\(checked.output)")
  }

  @Test(arguments: CShortFormat.allCases)
  func aFileHoldsNoOtherFormat(_ format: CShortFormat) {
    let dialect = CDialect.file(name: "a.c", header: "a.h")
    let text = { (shorts: Set<CShortFormat>) in
      let prelude = Prelude(type: .float32, dialect: dialect, shorts: shorts)
      return [
        prelude.opening, prelude.readings, prelude.lanes, prelude.lastReading, prelude.bestKernels,
      ].joined()
    }
    for other in CShortFormat.allCases {
      #expect(text([format]).contains("to_" + other.rawValue) == (other == format))
      #expect(!text([]).contains(other.rawValue))
    }
    #expect(text([format]).contains("f16c") == (format == .float16))
  }
}
