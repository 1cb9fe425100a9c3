import Foundation
import NormGen
import Testing

/// All that the README shows is true: its commands print what it says, its code compiles and runs.
@Suite struct ReadmeTests {
  private let readme: String

  init() throws {
    readme = String(
      decoding: try Data(contentsOf: Tool.package.appending(path: "README.md")), as: UTF8.self)
  }

  @Test func everyBlockHasAKindThatIsTested() {
    let kinds = Set(blocks().map(\.kind))
    #expect(kinds == ["sh", "norm", "console", "swift", "c"])
  }

  /// One after the other, as a reader would type them.
  @Test func commandsPrintWhatIsShown() throws {
    let tool = try Tool()
    for name in ["specs", "Tests"] {
      try FileManager.default.createSymbolicLink(
        at: tool.directory.appending(path: name),
        withDestinationURL: Tool.package.appending(path: name))
    }
    try tool.write("main.c", try #require(blocks("c").first))
    for block in blocks("console") {
      for (command, expected) in session(block) {
        let script = """
          export HOME="$PWD" PATH="\(Tool.executable.deletingLastPathComponent().path):$PATH"
          exec 2> messages
          \(command)
          status=$?
          grep -v '^normgen: ' messages
          exit $status
          """
        let outcome = try tool.run(URL(filePath: "/bin/bash"), ["-c", script])
        #expect(outcome.text == expected, "\(command)")
        let isRefusal = expected.contains("error: ")
        #expect(outcome.status == (isRefusal ? 1 : 0), "\(command)")
      }
    }
  }

  @Test func theMakefileHasWhatItNames() throws {
    let makefile = String(
      decoding: try Data(contentsOf: Tool.package.appending(path: "Makefile")), as: UTF8.self)
    var named = blocks("sh").flatMap { $0.split(separator: "\n") }.map {
      $0.split(separator: " ")[1]
    }
    named += readme.matches(of: /`make ([a-z]+)`/).map(\.output.1)
    #expect(Set(named).isSuperset(of: ["demo", "test", "lint", "format", "generated", "deps"]))
    for target in named { #expect(makefile.contains("\n\(target):"), "make \(target)") }
  }

  @Test func normsAreFormattedAndFreeOfWarnings() throws {
    for norm in blocks("norm") {
      let check = try Tool().run("check", "-", input: norm)
      #expect(check.status == 0 && check.messages == "")
      #expect(try Tool().run("fmt", "-", input: norm).text == norm)
    }
  }

  /// The Swift of the README stands, line by line, in the tests below.
  @Test func swiftIsWhatIsTestedHere() throws {
    let lines = String(decoding: try Data(contentsOf: URL(filePath: #filePath)), as: UTF8.self)
      .split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
    let blocks = blocks("swift")
    #expect(blocks.count == 3)
    for block in blocks {
      var code = block.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
      #expect(code.removeFirst() == "import NormGen" && lines.contains("import NormGen"))
      let isHere = lines.indices.contains { lines[$0...].starts(with: code) }
      #expect(isHere, "\(block)")
    }
  }

  @Test func aLayerIsUsedAsShown() throws {
    let (x, dy) = (numbers(3 * 64, seed: 1), numbers(3 * 64, seed: 2))
    try inPackage {
      let norm = try Norm.load("specs/layer_norm.norm")[0]
      var layer = try NormLayer(norm.compile(), sizes: ["C": 64])
      let pass = try layer.forward(["x": .float32(x)])  // x[N, C]: N follows from its length
      let gradients = try layer.backward(pass, ["y": .float32(dy)])
      let y = pass["y"]
      let dWeight = gradients["weight"]

      let values = try #require(y?.numbers)
      #expect(values.count == x.count && abs(values[..<64].reduce(0, +)) < 1e-4)
      let expected = (0..<3).reduce(0.0) { $0 + values[$1 * 64 + 5] * Double(dy[$1 * 64 + 5]) }
      #expect(abs(try #require(dWeight?.numbers[5]) - expected) < 1e-5)
    }
  }

  @Test func aKernelIsUsedAsShown() throws {
    let x = numbers(3 * 64, seed: 3).map { Double($0) }
    let (w, b) = (Array(repeating: 2.0, count: 64), Array(repeating: 1.0, count: 64))
    let cache = KernelCache()
    try inPackage {
      let norm = try Norm.load("specs/layer_norm.norm")[0]
      var options = Options()
      options.type = .float64
      options.sizes = ["C": 64]
      let kernel = try norm.compile(options, engine: .cc(), cache: cache)
      let results = try kernel.run(
        .forward, arrays: ["x": kernel.real(x), "weight": kernel.real(w), "bias": kernel.real(b)],
        values: ["eps": 1e-6], wanted: ["y"])

      #expect(results.keys.sorted() == ["y"] && cache.count == 1)
      let y = try #require(results["y"]?.numbers)
      #expect(abs(y[64..<128].reduce(0, +) - 64) < 1e-9)
    }
  }

  @Test func threadsAreUsedAsShown() throws {
    let x = numbers(3 * 64, seed: 4)
    let (w, b) = ([Float](repeating: 2, count: 64), [Float](repeating: 1, count: 64))
    try inPackage {
      let kernel = try Norm.load("specs/layer_norm.norm")[0].compile()
      let threads = try Kernel.Threads(count: 2)
      let results = try kernel.run(
        .forward, arrays: ["x": .float32(x), "weight": .float32(w), "bias": .float32(b)],
        threads: threads)

      let alone = try kernel.run(
        .forward, arrays: ["x": .float32(x), "weight": .float32(w), "bias": .float32(b)])
      #expect(results == alone)
    }
  }

  @Test func stagesAndModulesAreThoseThatThereAre() throws {
    let stages = readme.matches(of: /(?m)^\| `([a-z]+)` \| (.*) \|$/).map(\.output)
    let known = Stage.allCases
    #expect(stages.map { String($0.1) } == known.map(\.rawValue))
    #expect(stages.map { String($0.2) } == known.map(\.summary))
    let modules = readme.matches(of: /(?m)^\| `([A-Z]\w+)` \|/).map { String($0.output.1) }
    let sources = try FileManager.default.contentsOfDirectory(
      atPath: Tool.package.appending(path: "Sources").path)
    #expect(modules.sorted() == (sources + ["Generated"]).sorted())
  }

  // The parts of the page

  private struct Block {
    var kind: String
    var text: String
  }

  private func blocks(_ kind: String) -> [String] {
    blocks().filter { $0.kind == kind }.map(\.text)
  }

  /// The fenced blocks in order; one that is indented loses its indentation.
  private func blocks() -> [Block] {
    var blocks: [Block] = []
    var open: (indentation: Int, kind: String, lines: [Substring])?
    for line in readme.split(separator: "\n", omittingEmptySubsequences: false) {
      let indentation = line.prefix { $0 == " " }.count
      guard line.dropFirst(indentation).hasPrefix("```") else {
        let common = min(indentation, open?.indentation ?? 0)
        open?.lines.append(line.dropFirst(common))
        continue
      }
      if let block = open {
        blocks.append(Block(kind: block.kind, text: block.lines.map { $0 + "\n" }.joined()))
        open = nil
      } else {
        open = (indentation, String(line.dropFirst(indentation + 3)), [])
      }
    }
    return blocks
  }

  /// The commands of a block, each with what it prints.
  private func session(_ block: String) -> [(command: String, output: String)] {
    var session: [(command: String, output: String)] = []
    for line in block.split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
      if line.hasPrefix("$ ") {
        session.append((String(line.dropFirst(2)), ""))
      } else if !session.isEmpty {
        session[session.count - 1].output += line + "\n"
      }
    }
    return session
  }

  /// Paths of the README are relative to the package, where tests usually run.
  private func inPackage(_ body: () throws -> Void) throws {
    try #require(
      FileManager.default.fileExists(atPath: "specs/layer_norm.norm"),
      "run the tests in the package's directory")
    try body()
  }

  /// Numbers in -2 ..< 2 without a pattern.
  private func numbers(_ count: Int, seed: UInt64) -> [Float] {
    var state = seed
    return (0..<count).map { _ in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Float(state >> 40) / Float(1 << 22) - 2
    }
  }
}
