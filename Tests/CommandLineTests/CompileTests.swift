import Foundation
import Testing

@Suite struct CompileTests {
  private let tool: Tool

  init() throws {
    tool = try Tool()
    try tool.write(
      "layer.norm",
      """
      norm layer(x[N..., C]) -> y {
        scalar eps = 1e-5
        reduce C
        center
        divide by std
      }
      """)
  }

  @Test func writesHeaderSourceAndManifest() throws {
    let outcome = try tool.run("compile", "layer.norm", "-o", "out", "--manifest")
    #expect(outcome.status == 0)
    #expect(outcome.messages == "" && outcome.output.isEmpty)
    #expect(try tool.files("out") == ["layer.c", "layer.h", "layer.json"])
    #expect(try tool.text("out/layer.c").contains("#include \"layer.h\""))
    let manifest = try JSONDecoder().decode(
      Manifest.self, from: Data(try tool.text("out/layer.json").utf8))
    #expect(manifest.type == "f32" && manifest.sizes.map(\.name) == ["N", "C"])
    let forward = try #require(manifest.functions.first)
    #expect(forward.symbol == "layer_forward")
    #expect(forward.arguments.map(\.name).prefix(3) == ["N", "C", "x"])
    let x = try #require(forward.arguments.first { $0.name == "x" })
    #expect(x.role == "tensor" && x.type == "float" && x.access == "read")
    #expect(x.shape?.map(\.extent) == ["N", "C"])
    // The header declares what the manifest describes.
    for function in manifest.functions {
      #expect(try tool.text("out/layer.h").contains("\(function.symbol)("))
    }
  }

  @Test func whatIsBakedInLeavesTheSignatures() throws {
    let outcome = try tool.run(
      "compile", "layer.norm", "-o", "out", "--manifest", "--set", "eps=1e-3", "--size", "C=64",
      "--prefix", "mine", "--type", "f64")
    #expect(outcome.messages == "")
    let manifest = try JSONDecoder().decode(
      Manifest.self, from: Data(try tool.text("out/mine.json").utf8))
    #expect(manifest.sizes.map(\.name) == ["N"])
    #expect(manifest.functions.first?.symbol == "mine_forward")
    let names = manifest.functions.flatMap(\.arguments).map(\.name)
    #expect(!names.contains("eps") && !names.contains("C"))
    let x = manifest.functions.first?.arguments.first { $0.name == "x" }
    #expect(x?.type == "double" && x?.shape?.map(\.extent) == ["N", "64"])
  }

  @Test func whatIsDerivedIsForTheCallerToSay() throws {
    let outcome = try tool.run(
      "compile", "layer.norm", "-o", "out", "--manifest", "--derive", "jvp,vjp2")
    #expect(outcome.status == 0 && outcome.messages == "")
    let manifest = try JSONDecoder().decode(
      Manifest.self, from: Data(try tool.text("out/layer.json").utf8))
    #expect(manifest.functions.map(\.symbol) == ["layer_forward", "layer_jvp", "layer_vjp2"])
    let roles = manifest.functions.dropFirst().map { function in
      function.arguments.map { "\($0.access) \($0.role) \($0.name)" }
        .filter { !$0.hasPrefix("value") }.dropLast(2)
    }
    #expect(
      roles[0] == [
        "read tangent t_x", "read tensor x", "read saved mean", "read saved rstd",
        "write output_tangent t_y",
      ])
    #expect(
      roles[1] == [
        "read gradient_adjoint dd_x", "read output_gradient d_y", "read tensor x",
        "read saved mean", "read saved rstd", "write output_gradient_adjoint dd_y",
        "write gradient d_x",
      ])
    let header = try tool.text("out/layer.h")
    #expect(header.contains("--derive jvp,vjp2") && header.contains("layer_jvp("))
    #expect(!header.contains("backward("))
  }

  @Test func anUnknownDerivativeIsWrongUsage() throws {
    for list in ["vjp3", "", "vjp,"] {
      let outcome = try tool.run("compile", "layer.norm", "--derive", list)
      #expect(outcome.status == 2, "\(list)")
      #expect(outcome.messages.contains("--derive"), "\(outcome.messages)")
    }
  }

  @Test func aReplacedGradientHasNoFurtherDerivatives() throws {
    try tool.write(
      "own.norm",
      """
      norm own(x[N, C]) -> y {
        z = x * x
        gradient of z by dz { grad x = dz }
        y = 2 * z
      }
      norm caller(x[N, C]) -> y {
        y = own(x)
      }
      """)
    for (derivative, norm, place) in [("jvp", "own", "3:15"), ("vjp,vjp2", "own", "3:15")] {
      let outcome = try tool.run("compile", "own.norm", "--derive", derivative)
      #expect(outcome.status == 1)
      let last = derivative.split(separator: ",").last ?? ""
      #expect(
        outcome.messages == "error: own.norm:\(place): \(norm) has no \(last): its source replaces "
          + "the gradient of 'z', which need not be the derivative of anything\n")
    }
    #expect(try tool.run("compile", "own.norm", "-o", "-").status == 0)
  }

  @Test func theManifestHasTheStepsOfSeveralProcesses() throws {
    try tool.write(
      "sums.norm",
      "norm sums(x[N]) -> y { train { y = x - mean[ranks, N](x) } eval { y = x } }\n")
    #expect(try tool.run("compile", "sums.norm", "-o", "out", "--manifest").status == 0)
    let manifest = try JSONDecoder().decode(
      Manifest.self, from: Data(try tool.text("out/sums.json").utf8))
    let ranked = try #require(manifest.ranked)
    #expect(ranked.map(\.direction) == ["forward", "backward"])
    #expect(ranked[0].steps.map(\.symbol) == ["sums_forward_1", "sums_forward_2"])
    let cut = ranked[0].cuts
    #expect(cut.map(\.merge) == ["sums_forward_1_merge"])
    #expect(cut.map(\.bytes) == ["sums_forward_1_bytes"])
    #expect(ranked[0].steps[0].arguments.contains { $0.role == "partials" && $0.access == "write" })
    #expect(ranked[0].steps[1].arguments.contains { $0.name == cut[0].argument })
    #expect(manifest.functions.map(\.symbol).allSatisfy { !$0.hasSuffix("_1") })
    #expect(try tool.run("compile", "layer.norm", "-o", "out", "--manifest").status == 0)
    #expect(!(try tool.text("out/layer.json").contains("ranked")))
  }

  @Test func theManifestSaysWhatBitsAre() throws {
    let outcome = try tool.run(
      "compile", "layer.norm", "-o", "out", "--manifest", "--type", "bf16")
    #expect(outcome.messages == "")
    let manifest = try JSONDecoder().decode(
      Manifest.self, from: Data(try tool.text("out/layer.json").utf8))
    #expect(manifest.type == "bf16")
    let arguments = try #require(manifest.functions.first).arguments
    let x = try #require(arguments.first { $0.name == "x" })
    #expect(x.type == "uint16_t" && x.format == "bf16")
    let rstd = try #require(arguments.first { $0.name == "rstd" })
    #expect(rstd.type == "float" && rstd.format == nil)
  }

  @Test func float64GoesWithFloat64Alone() throws {
    let outcome = try tool.run("compile", "layer.norm", "--type", "f16", "--parameters", "f64")
    #expect(outcome.status == 1)
    #expect(
      outcome.messages == "error: parameters cannot be f64 where tensors are f16: float64 goes "
        + "with float64 alone\n")
  }

  @Test func theStandardOutputTakesTheTextInstead() throws {
    let outcome = try tool.run("compile", "layer.norm", "-o", "-")
    #expect(outcome.status == 0)
    #expect(outcome.text.contains("layer_forward("))
    #expect(try tool.files() == ["layer.norm"])
  }

  @Test(arguments: [
    (["--set", "epz=1"], "layer has no scalar named 'epz'; did you mean 'eps'?"),
    (["--size", "D=1"], "layer has no size named 'D'; its sizes are N, C"),
    (["--size", "C=-1"], "the size C is -1, below 0"),
    (["--size", "C=0"], "the size C is fixed at 0; expected 1 to 2147483648"),
    (["--size", "C=2147483649"], "the size C is fixed at 2147483649; expected 1 to 2147483648"),
    (["-o", "/proc/out"], "/proc/out: cannot be made: No such file or directory"),
    (["--layout", "z=N,C"], "layer has no tensor named 'z' to lay out"),
    (["--layout", "x=C"], "--layout x=C does not name each axis of x[N..., C] once"),
    (["--prefix", "1st"], "the prefix '1st' is no name in C: use letters, digits and _"),
    (["-o", "layer.norm"], "layer.norm/layer.h: cannot be written: Not a directory"),
  ])
  func optionsThatDoNotFitAreNamed(options: [String], message: String) throws {
    let outcome = try tool.run(["compile", "layer.norm"] + options)
    #expect(outcome.status == 1)
    #expect(outcome.messages == "error: \(message)\n")
    #expect(try tool.files() == ["layer.norm"])
  }

  @Test func twoNormsCannotShareAFile() throws {
    try tool.write("other.norm", "norm other(x[N]) -> y { y = x }")
    let outcome = try tool.run("compile", "layer.norm", "other.norm", "--prefix", "both")
    #expect(outcome.status == 1)
    #expect(outcome.messages == "error: two norms would both be written to both.h\n")
  }

  @Test func theSameInputGivesTheSameBytes() throws {
    _ = try tool.run("compile", "layer.norm", "-o", "a", "--manifest")
    _ = try tool.run("compile", "layer.norm", "-o", "b", "--manifest")
    for name in try tool.files("a") {
      #expect(try tool.text("a/\(name)") == tool.text("b/\(name)"))
    }
  }

  /// The fields of a manifest that these tests read.
  private struct Manifest: Decodable {
    struct Size: Decodable { var name: String }
    struct Axis: Decodable { var extent: String }
    struct Argument: Decodable {
      var name: String, role: String, type: String, access: String
      var format: String?, shape: [Axis]?
    }
    struct Function: Decodable { var symbol: String, arguments: [Argument] }
    struct Cut: Decodable { var bytes: String, merge: String, argument: String }
    struct Ranked: Decodable { var direction: String, steps: [Function], cuts: [Cut] }
    var type: String, sizes: [Size], functions: [Function], ranked: [Ranked]?
  }
}
