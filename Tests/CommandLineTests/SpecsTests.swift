import Foundation
import Testing

/// The specs that ship with the project.
@Suite struct SpecsTests {
  static let specs: [String] =
    (try? FileManager.default.contentsOfDirectory(
      atPath: Tool.package.appending(path: "specs").path
    ).filter { $0.hasSuffix(".norm") }.sorted()) ?? []

  @Test func thereAreTen() {
    #expect(Self.specs.count >= 10)
  }

  @Test(arguments: specs)
  func isFormattedAndFreeOfWarnings(spec: String) throws {
    let path = Tool.package.appending(path: "specs/\(spec)").path
    let check = try Tool().run("check", path)
    #expect(check.status == 0 && check.messages == "")
    #expect(try Tool().run("fmt", "--check", path).status == 0)
  }

  @Test func generatedIsWhatTheCompilerWrites() throws {
    let tool = try Tool()
    let paths = Self.specs.map { Tool.package.appending(path: "specs/\($0)").path }
    let outcome = try tool.run(["compile", "-o", "now"] + paths)
    #expect(outcome.messages == "" && outcome.status == 0)
    let generated = Tool.package.appending(path: "generated")
    for name in try tool.files("now") {
      let committed = try? Data(contentsOf: generated.appending(path: name))
      let now = try Data(contentsOf: tool.directory.appending(path: "now/\(name)"))
      #expect(committed == now, "generated/\(name) is not up to date; run `make generated`")
    }
  }

  @Test(arguments: specs)
  func agreesWithTheInterpreterAndWithDifferences(spec: String) throws {
    let text = try report(of: spec)
    for property in [
      "\n\n\(spec.dropLast(5)): worst error ", "\nmean/std 1e6 ", "\nsums of 10000000 ",
      "jit = interpreter, f32 train", "cc = interpreter, f32 train", "jit = cc, f64 train",
      "gradient = differences, ",
    ] {
      #expect(text.contains(property))
    }
  }

  @Test func aTestTriesTheTypesThatItIsTold() throws {
    let text = try report(of: "rms_norm.norm", "--type", "bf16", "--type", "f16")
    for property in ["jit = interpreter, bf16 train", "jit = cc, f16 train"] {
      #expect(text.contains(property))
    }
    #expect(!text.contains("f32") && !text.contains("f64"))
  }

  @Test func aTestTriesThreads() throws {
    let text = try report(of: "rms_norm.norm", "--type", "f32", "--threads", "3")
    for engine in ["jit", "cc"] {
      #expect(text.contains("rms_norm  \(engine): 3 threads = 1 thread, f32 train "))
    }
  }

  @Test func aSizeHoldsInAllCasesOfATest() throws {
    let text = try report(of: "layer_norm.norm", "--size", "C=20", "--size", "N=3")
    #expect(text.contains("layer_norm  jit = interpreter, f32 train   1 "))
    #expect(text.contains("layer_norm  gradient = differences, train  100 "))
  }

  /// What `normgen test` prints of a spec in which it finds nothing wrong.
  private func report(of spec: String, _ options: String...) throws -> String {
    let path = Tool.package.appending(path: "specs/\(spec)").path
    let outcome = try Tool().run(["test", path] + options)
    #expect(outcome.messages == "")
    #expect(outcome.status == 0, "\(outcome.text)")
    return outcome.text
  }
}
