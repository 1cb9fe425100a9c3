import NormGen
import Testing

@Suite struct NormTests {
  private let twoNorms = """
    /// Divides by a root.
    norm first(x[N..., C]) -> y {
      scalar eps = 1e-5, half = eps / 2, cautious = true
      param  weight[C] = 1 / size(C), bias[C] = -(half * 4)
      state  power[C] = if cautious then sqrt(size(C) + 9) else 1
      next power = if cautious then mean[N](x^2) + eps else power
      y = x / sqrt(power + half) * weight + bias
    }
    norm second(x[N, C]) -> y { y = x - mean[C](x) }
    """

  @Test func readsAllNormsOfAText() throws {
    let norms = try Norm.parse(twoNorms)
    #expect(norms.map(\.name) == ["first", "second"])
    #expect(norms[0].documentation.contains("Divides by a root."))
  }

  @Test func errorsNameTheirPlace() {
    let error = #expect(throws: SpecError.self) {
      try Norm.parse("norm f(x[C]) -> y {\n  y = x + z\n}\n", name: "f.norm")
    }
    #expect(error?.description.contains("f.norm:2:11: error:") == true)
  }

  @Test func filesThatCannotBeReadAreNamed() {
    let error = #expect(throws: SpecError.self) { try Norm.load("/no/such/file.norm") }
    #expect(error?.description.hasPrefix("/no/such/file.norm: ") == true)
  }

  @Test func scalarsHaveTheirStandardValues() throws {
    let norm = try Norm.parse(twoNorms)[0]
    #expect(
      try Defaults(of: norm.checked).scalars()
        == ["eps": .number(1e-5), "half": .number(1e-5 / 2), "cautious": .condition(true)])
  }

  @Test func initialValuesMayDependOnSizes() throws {
    let defaults = Defaults(of: try Norm.parse(twoNorms)[0].checked)
    #expect(try defaults.initialValue(of: "bias") == -2e-5)
    #expect(try defaults.initialValue(of: "weight", sizes: ["C": 8]) == 0.125)
    #expect(try defaults.initialValue(of: "power", sizes: ["C": 7]) == 4)
    #expect(throws: KernelError.missingSize("C")) { try defaults.initialValue(of: "weight") }
    #expect(try defaults.initialValue(of: "x") == nil)
    #expect(try defaults.initialValue(of: "nothing") == nil)
  }
}
