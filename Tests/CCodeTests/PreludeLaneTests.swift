import CCode
import Foundation
import Testing

@Suite(.serialized) struct PreludeLaneTests {
  @Test(
    arguments: CComputeType.allCases,
    [
      (.gcc, ["-O0"]), (.gcc, ["-O2"]),
      (.gcc, ["-O3", "-march=native", "-mno-avx512f", "-ffp-contract=fast"]), (.clang, ["-O0"]),
      (.clang, ["-O2"]), (.tcc, []),
    ] as [(Compiler, [String])])
  func eachReadingGivesTheBitsOfScalarC(
    _ type: CComputeType, _ compiler: (Compiler, [String])
  ) throws {
    let bench = try Workbench()
    defer { bench.remove() }
    let seed = 20_261
    let prelude = Prelude(type: type, dialect: .file(name: "lanes.c", header: "lanes.h"))
    try bench.write(LaneProgramText(prelude: prelude, seed: seed).text, to: "lanes.c")
    try bench.write("#include <stddef.h>\n" + Prelude.executorDeclaration, to: "lanes.h")
    let compiled = try bench.compile(
      "lanes.c", to: "lanes", with: compiler.0, compiler.1 + ["-Wno-unused-value"])
    try #require(compiled.succeeded, "\(compiled.output.prefix(4000))")
    let checked = try bench.run("./lanes", [])
    #expect(checked.succeeded, "seed \(seed)\n\(checked.output)")
    #expect(checked.output.contains("best checked"))
    #if arch(x86_64)
      #expect(checked.output.contains("avx2 checked") == (compiler.0 != .tcc))
    #endif
  }

  #if arch(x86_64)
    @Test(arguments: CComputeType.allCases, [Compiler.gcc, .clang])
    func narrowerVectorsAreLeftOutWhereTheWidestAreSure(
      _ type: CComputeType, _ compiler: Compiler
    ) throws {
      let bench = try Workbench()
      defer { bench.remove() }
      let prelude = Prelude(type: type, dialect: .file(name: "lanes.c", header: "lanes.h"))
      try bench.write(LaneProgramText(prelude: prelude, seed: 7).text, to: "lanes.c")
      try bench.write("#include <stddef.h>\n" + Prelude.executorDeclaration, to: "lanes.h")
      let sure = ["f", "vl", "bw", "dq"].map { "-mavx512\($0)" }
      for flags in [sure, Array(sure.dropLast())] {
        let compiled = try bench.compile("lanes.c", to: "lanes", with: compiler, ["-O0"] + flags)
        try #require(compiled.succeeded, "\(compiled.output.prefix(4000))")
        let program = try Data(contentsOf: bench.directory.appendingPathComponent("lanes"))
        #expect(program.contains(Data("kernels_avx512".utf8)))
        #expect(program.contains(Data("kernels_avx2".utf8)) == (flags != sure))
      }
    }
  #endif

  @Test(arguments: CComputeType.allCases)
  func theTextInMemoryGivesTheBitsOfScalarC(_ type: CComputeType) throws {
    let bench = try Workbench()
    defer { bench.remove() }
    let prelude = Prelude(type: type, dialect: .memory)
    try bench.write(LaneProgramText(prelude: prelude, seed: 7).text, to: "lanes.c")
    let compiled = try bench.compile("lanes.c", to: "lanes", with: .tcc, ["-nostdinc"])
    try #require(compiled.succeeded, "\(compiled.output.prefix(4000))")
    let checked = try bench.run("./lanes", [])
    #expect(checked.succeeded, "seed 7\n\(checked.output)")
  }
}
