import LoopIR
import NumPyFormat
import Syntax
import Testing

@testable import NormGen

/// Calls of a kernel whose C is written by hand, from the same numbers as the interpreter's.
@Suite struct BoundCallTests {
  private let norm: CheckedNorm
  private let compiled: CompiledNorm

  init() throws {
    norm = try Norm.parse(
      """
      norm shift(x[N..., C]) -> y {
        scalar k = 3
        param  bias[C] = 0.1
        state  calls = 2
        next calls = calls + 1
        y = k * x + bias
      }
      """)[0].checked
    compiled = CompiledNorm(
      interface: Self.interface, header: "", source: "", jitSource: Self.source)
  }

  @Test func aKernelAndTheInterpreterAgreeOnOneCall() throws {
    var request = RunRequest(norm, options: Options())
    request.gradients = .all
    let x = NumPyArray(shape: [2, 2, 3], elements: .float64((0..<12).map { Double($0) / 4 }))
    request.inputs = [
      RunRequest.Input(name: "x", file: "x.npy", array: x),
      RunRequest.Input(name: "d_y", file: "d_y.npy", array: x),
    ]
    let call = try BoundCall(norm, request)
    #expect(call.sizes.byName == ["N": 4, "C": 3])
    #expect(call.scalars == ["k": 3])
    // As float32 holds it: what is missing begins as the type of the run does.
    #expect(call.numbers["bias"] == Array(repeating: Double(Float(0.1)), count: 3))
    let expected = try interpret(call)
    let found = try Kernel(compiled).evaluate(call)
    #expect(found.numbers["calls"] == [3])
    #expect(found.numbers.keys.sorted() == ["calls", "d_bias", "d_x", "y"])
    for (name, numbers) in expected.numbers {
      let other = try #require(found.numbers[name])
      #expect(scaledDeviation(numbers, other) < 1e-6, "\(name)")
    }
  }

  @Test func theManifestTellsTheInterface() throws {
    let manifest = Manifest(Self.interface)
    #expect(manifest.functions.map(\.symbol) == ["shift_forward", "shift_backward"])
    let x = manifest.functions[0].arguments[2]
    #expect(x.type == "float" && x.access == "read" && x.shape?.map(\.extent) == ["N", "C"])
    #expect(manifest.functions[0].arguments.map(\.access).last == "write")
    let json = try manifest.json()
    #expect(json == (try manifest.json()) && json.hasSuffix("}\n"))
    #expect(json.contains("\"workspace\" : \"shift_workspace\""))
  }

  @Test func awkwardSizesDivideWhatIsGrouped() throws {
    let grouped = try Norm.parse(
      "norm g(x[N, C]) -> y { group C into G = 32\n y = x - mean[C/G](x) }")[0].checked
    let cases = try grouped.awkwardSizeCases(fixed: [:])
    #expect(cases.contains { $0.byName["N"] == 0 } && cases.contains { $0.byName["C"] == 0 })
    for sizes in cases {
      let (channels, groups) = (sizes.byName["C"] ?? -1, sizes.byName["G"] ?? 0)
      #expect(groups > 0 && channels % groups == 0)
    }
    for sizes in try grouped.awkwardSizeCases(fixed: ["C": 9]) {
      #expect(sizes.byName["C"] == 9 && sizes.byName["G"] == 3)
    }
  }

  @Test func deviationsAreSeenWhereverTheyAre() {
    #expect(scaledDeviation([1, -4], [1, -4]) == 0)
    #expect(scaledDeviation([1, -4], [2, -4]) == 0.25)
    #expect(scaledDeviation([.nan, .infinity], [.nan, .infinity]) == 0)
    #expect(scaledDeviation([0, 1], [.nan, 1]) == .infinity)
    #expect(scaledDeviation([.infinity], [-.infinity]) == .infinity)
    #expect(scaledDeviation([1, 2], [1]) == .infinity)
    #expect(scaledDeviation([0.5], [0.25]) == 0.25)
    #expect(scaledDeviation([8], [6]) == 0.25)
  }

  private static let rows = [
    ArrayDimension(name: "N", extents: [.size("N")], isRun: true),
    ArrayDimension(name: "C", extents: [.size("C")]),
  ]

  private static func argument(
    _ name: String, of subject: String, _ role: KernelArgument.Role,
    _ type: KernelArgument.ElementType = .real, shape: [ArrayDimension]? = nil
  ) -> KernelArgument {
    KernelArgument(name: name, subject: subject, role: role, type: type, shape: shape)
  }

  private static let sizes = [
    argument("N", of: "N", .size, .size), argument("C", of: "C", .size, .size),
  ]

  private static let interface = KernelInterface(
    norm: "shift", prefix: "shift", type: .float32,
    sizes: [
      SizeParameter(name: "N", standard: nil, isRun: true),
      SizeParameter(name: "C", standard: nil, isRun: false),
    ],
    functions: [
      KernelFunction(
        direction: .forward, phase: .train, symbol: "shift_forward",
        arguments: sizes + [
          argument("x", of: "x", .tensor, shape: rows),
          argument("bias_1", of: "bias", .parameter, shape: [rows[1]]),
          argument("calls", of: "calls", .state, shape: []),
          argument("next_calls", of: "calls", .nextState, shape: []),
          argument("k", of: "k", .scalar, .double),
          argument("y", of: "y", .output, shape: rows),
        ]),
      KernelFunction(
        direction: .backward, phase: .train, symbol: "shift_backward",
        arguments: sizes + [
          argument("d_y", of: "y", .outputGradient, shape: rows),
          argument("k", of: "k", .scalar, .double),
          argument("d_x", of: "x", .gradient, shape: rows),
          argument("d_bias", of: "bias", .gradient, shape: [rows[1]]),
        ]),
    ])

  private static let source = """
    typedef unsigned long size_t;
    int shift_forward(size_t N, size_t C, const float *x, const float *bias, const float *calls,
                      float *next_calls, double k, float *y) {
      for (size_t i = 0; i < N * C; i++) y[i] = (float)k * x[i] + bias[i % C];
      *next_calls = *calls + 1;
      return 0;
    }
    int shift_backward(size_t N, size_t C, const float *d_y, double k, float *d_x, float *d_bias) {
      for (size_t c = 0; c < C; c++) d_bias[c] = 0;
      for (size_t i = 0; i < N * C; i++) {
        d_x[i] = (float)k * d_y[i];
        d_bias[i % C] += d_y[i];
      }
      return 0;
    }
    size_t shift_workspace(size_t N, size_t C) { return 0; }
    const char *shift_status_text(int status) { return "?"; }
    """
}
