import Testing

@testable import NormGen

/// The measurement of errors that `normgen test` prints: bad kernels must show.
@Suite struct AccuracyReportTests {
  private let centred = """
    norm f(x[N, C]) -> y {
      scalar eps = 1e-5
      mean = mean[C](x)
      y = (x - mean) / sqrt(mean[C]((x - mean)^2) + eps)
    }
    """
  private let cancelling = """
    norm f(x[N, C]) -> y {
      scalar eps = 1e-5
      mean = mean[C](x)
      y = (x - mean) / sqrt(max(mean[C](x^2) - mean^2, 0) + eps)
    }
    """

  /// The rows of the centred norm, computed by the kernel of another source.
  private func rows(
    computedBy source: String, sizes: [String: Int] = [:]
  ) throws -> [AccuracyReport.Row] {
    let options = Options()
    let kernel = try Kernel(try compile(try Norm.parse(source)[0].checked, options))
    return try accuracyRows(
      try Norm.parse(centred)[0].checked, sizes: sizes, options, evaluate: kernel.evaluate)
  }

  @Test func errorsAreMeasuredWhereAllSizesAreFixed() throws {
    let row = try #require(try rows(computedBy: centred, sizes: ["N": 5, "C": 65]).first)
    #expect(row.outputs.ulp >= 0.5 && row.gradients.ulp >= 0.5)
  }

  @Test func aVarianceThatCancelsShowsWhereTheMeanIsLarge() throws {
    let good = try rows(computedBy: centred)
    let bad = try rows(computedBy: cancelling)
    #expect(good.map(\.inputs) == bad.map(\.inputs) && good.count == 6)
    let far = try #require(good.firstIndex { $0.inputs == "mean/std 1e3" })
    #expect(good[far].outputs.relative < 1e-3)
    #expect(bad[far].outputs.relative > 1e-2)
    #expect(bad[far].outputs.ulp > 10 * good[far].outputs.ulp)
    #expect(bad[far].gradients.relative > 10 * good[far].gradients.relative)
  }

  @Test func ordinaryInputsCostAFewRoundings() throws {
    let row = try #require(try rows(computedBy: centred).first)
    #expect(row.inputs == "ordinary" && row.outputs.ulp >= 0.5 && row.outputs.ulp < 100)
    #expect(row.outputs.relative < 1e-6 && row.states == AccuracyError())
  }

  @Test func aSumInOneChainShowsWhereItIsLong() throws {
    let norm = try Norm.parse("norm m(x[C]) -> y { y = mean[C](x + 10) }")[0].checked
    let compiled = try compile(norm, Options())
    let naive = """
      typedef unsigned long size_t;
      int m_forward(size_t C, const float *x, float *y, void *workspace, const void *executor) {
        float sum = 0;
        for (size_t c = 0; c < C; c++) sum = sum + (x[c] + 10.0f);
        *y = sum / (float)(long)C;
        return 0;
      }
      int m_backward(size_t C, const float *d_y, float *d_x, void *workspace,
                     const void *executor) {
        for (size_t c = 0; c < C; c++) d_x[c] = *d_y / (float)(long)C;
        return 0;
      }
      size_t m_workspace(size_t C) { return 0; }
      const char *m_status_text(int status) { return "?"; }
      """
    let bad = CompiledNorm(
      interface: compiled.interface, header: "", source: "", jitSource: naive)
    func error(_ compiled: CompiledNorm) throws -> Double? {
      try LongSums(norm, Options(), try Kernel(compiled), fixed: [:], longest: 3_000_000).row()?
        .outputs.relative
    }
    let (good, poor) = (try #require(try error(compiled)), try #require(try error(bad)))
    #expect(good < 1e-7)
    #expect(poor > 1e-5)
  }

  /// What no type can hold would compare nothing but NaN.
  @Test(arguments: Options.Scalar.allCases)
  func inputsOfAllKindsAreFinite(type: Options.Scalar) {
    for inputs in AccuracyInputs.allCases {
      let numbers = inputs.numbers([-2, 0.5, 1.999], type).map(type.rounded)
      #expect(numbers.allSatisfy { $0.isFinite }, "\(inputs.rawValue): \(numbers)")
    }
  }

  @Test func errorsAreCountedInBothUnits() {
    var error = AccuracyError()
    // The second number is an eighth of the first, the third less.
    error.note([8.000001, 1.5, 0.25], [8, 1, 0.5], as: .float32, floor: 1)
    #expect(error.relative == 0.5 / 8)
    #expect(error.ulp == 0.5 / Double(Float.ulpOfOne))
    var others = AccuracyError()
    others.note([.nan, .infinity, 1], [.nan, 1e300, 1], as: .float32, floor: 1)
    // Two of the numbers are what the type can hold; beside the third no error is left.
    #expect(others == AccuracyError())
    others.note([.nan], [1], as: .float32, floor: 1)
    #expect(others.relative == .infinity && others.ulp == .infinity)
    var small = AccuracyError()
    small.note([3e-7], [2e-7], as: .float32, floor: 0)
    #expect(abs(small.relative - 0.5) < 1e-9 && small.ulp > 1e6)
    var denormal = AccuracyError()
    denormal.note([0x1p-148], [0x1p-149], as: .float32, floor: 0)
    #expect(denormal.relative == 1 && denormal.ulp == 1)
    var zeros = AccuracyError()
    zeros.note([0, 1e-9], [0, 0], as: .float32, floor: 0)
    #expect(zeros.relative == 1e-9)
    var short = AccuracyError()
    short.note([1], [1, 2], as: .float32, floor: 1)
    #expect(short.relative == .infinity)
  }
}
