import Foundation
import Testing

/// What `compile` prints and writes besides the C: the text of each stage, and the manifest.
@Suite struct EmitTests {
  private static let spec = """
    norm rows(x[N..., C]) -> y {
      scalar eps = 1e-5
      reduce C
      divide by rms
    }
    """

  @Test(arguments: [
    ("expanded", "norm rows(x[N..., C]) -> y {"), ("expanded", "mean[C](x^2)"),
    ("tensor", "tensor x[N, C]"), ("gradient", "gradient x[N, C] = %d_x"),
    ("simplified", "gradient x[N, C] = %d_x"), ("functions", "// backward, train"),
    ("loops", "forward train f32"), ("c", "rows_status rows_backward("),
  ])
  func eachStageHasAText(stage: String, part: String) throws {
    let tool = try Tool()
    try tool.write("rows.norm", Self.spec)
    let outcome = try tool.run("compile", "rows.norm", "--emit", stage)
    #expect(outcome.status == 0 && outcome.messages == "")
    #expect(outcome.text.contains(part))
    #expect(try tool.files() == ["rows.norm"])
  }

  @Test func theStagesAreInTheHelp() throws {
    let help = try Tool().run("compile", "--help").text
    for stage in ["expanded", "tensor", "gradient", "simplified", "functions", "loops", "c"] {
      #expect(help.contains(stage))
    }
  }

  @Test func theTextOfStandardInputIsCompiledToStandardOutput() throws {
    let outcome = try Tool().run("compile", "-", "-o", "-", input: Self.spec)
    #expect(outcome.status == 0)
    #expect(outcome.text.contains("#include \"rows.h\"") && outcome.text.contains("ROWS_H"))
  }

  /// A program that names each function of the manifest with the types of its arguments is good C
  /// with the header: the manifest says what the header does.
  @Test(arguments: SpecsTests.specs, [[], ["--type", "f64", "--prefix", "my"]])
  func theManifestAgreesWithTheHeader(spec: String, options: [String]) throws {
    let tool = try Tool()
    let path = Tool.package.appending(path: "specs/\(spec)").path
    let outcome = try tool.run(["compile", path, "-o", ".", "--manifest"] + options)
    #expect(outcome.status == 0 && outcome.messages == "")
    let json = try #require(try tool.files().first { $0.hasSuffix(".json") })
    let manifest = try JSONDecoder().decode(Manifest.self, from: Data(try tool.text(json).utf8))
    try tool.write("program.c", manifest.program)
    let compiler = try tool.compile("program.c", "\(manifest.prefix).c")
    #expect(compiler.status == 0, "\(compiler.messages)\n\(manifest.program)")
  }

  @Test func aManifestThatSaysOtherwiseIsNoticed() throws {
    let tool = try Tool()
    try tool.write("rows.norm", Self.spec)
    _ = try tool.run("compile", "rows.norm", "--manifest")
    var manifest = try JSONDecoder().decode(
      Manifest.self, from: Data(try tool.text("rows.json").utf8))
    manifest.functions[0].arguments[2].type = "double"
    try tool.write("program.c", manifest.program)
    #expect(try tool.compile("program.c", "rows.c").status != 0)
  }

  /// The fields of a manifest from which calls follow.
  fileprivate struct Manifest: Decodable {
    struct Size: Decodable { var name: String }
    struct Argument: Decodable { var name: String, type: String, access: String }
    struct Function: Decodable { var symbol: String, arguments: [Argument] }
    var prefix: String, workspace: String, statusText: String, sizes: [Size]
    var functions: [Function]

    /// Assigns each function to a pointer of the type that it should have.
    var program: String {
      let sizes =
        self.sizes.isEmpty ? "void" : self.sizes.map { _ in "size_t" }.joined(separator: ", ")
      let pointers = functions.enumerated().map { index, function in
        let types = function.arguments.map(\.cType).joined(separator: ", ")
        return "  \(prefix)_status (*const f\(index))(\(types)) = \(function.symbol);"
      }
      let uses = functions.indices.map { "f\($0) != 0" }.joined(separator: " && ")
      return """
        #include "\(prefix).h"
        int main(void) {
          size_t (*const workspace)(\(sizes)) = \(workspace);
          const char *(*const text)(\(prefix)_status) = \(statusText);
        \(pointers.joined(separator: "\n"))
          return workspace != 0 && text != 0 && \(uses) ? 0 : 1;
        }

        """
    }
  }
}

extension EmitTests.Manifest.Argument {
  fileprivate var cType: String {
    switch access {
    case "value": type
    case "read": "const \(type) *"
    default: "\(type) *"
    }
  }
}
