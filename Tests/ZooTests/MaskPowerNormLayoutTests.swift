import LoopIR
import NumPyFormat
import Testing

@testable import NormGen

/// PowerNorm with padding on inputs of two, three and four dimensions: one spec, the run of its
/// places and `--layout` do for all; the answer has the layout of the input.
@Suite struct MaskPowerNormLayoutTests {
  /// An input of the reference `file`, as it lies in memory.
  struct Form: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var file: String
    /// The dimensions of the file's tensors in the order of memory.
    var order: [Int]
    /// What `--layout x=` says.
    var layout: [String]?
    /// The sizes of the samples and of the places in the file's shape.
    var samples: Int
    var places: [Int]
  }

  static let forms = [
    Form(
      testDescription: "(n, C)", file: "mask_power_norm_2d", order: [0, 1], samples: 0, places: []),
    Form(
      testDescription: "(T, B, C)", file: "mask_power_norm", order: [0, 1, 2], samples: 1,
      places: [0]),
    Form(
      testDescription: "(B, T, C)", file: "mask_power_norm", order: [1, 0, 2],
      layout: ["B", "T", "C"], samples: 1, places: [0]),
    Form(
      testDescription: "(N, C, H, W)", file: "mask_power_norm_4d", order: [0, 1, 2, 3],
      layout: ["B", "C", "T"], samples: 0, places: [2, 3]),
    Form(
      testDescription: "(N, H, W, C)", file: "mask_power_norm_4d", order: [0, 2, 3, 1],
      layout: ["B", "T", "C"], samples: 0, places: [2, 3]),
    Form(
      testDescription: "(H, W, N, C)", file: "mask_power_norm_4d", order: [2, 3, 0, 1], samples: 0,
      places: [2, 3]),
  ]

  /// C has the bits of the JIT, and takes longer to make.
  @Test(arguments: forms, [RunEngine.jit, .interpreter])
  func theAnswerHasTheLayoutOfTheInput(_ form: Form, _ engine: RunEngine) throws {
    let file = try ReferenceFile(form.file)
    var states: [String: NumPyArray] = [:]
    for (step, action) in try file.actions().enumerated() {
      func array(_ name: String) throws -> NumPyArray? { try file.array("\(step).\(name)") }
      let x = try #require(try array("in.x"))
      var request = RunRequest(
        try #require(Zoo.shared.norm("mask_power_norm")).checked, options: options(form))
      request.phase = action == .eval ? .eval : .train
      request.engine = engine
      request.gradients = .all
      var inputs = [
        "x": permuted(x, form.order),
        "d_y": permuted(try #require(try array("grad_out.y")), form.order),
        "padding": try array("in.pad_mask") ?? noPadding(x, form),
      ].merging(states) { $1 }
      for name in ["weight", "bias"] { inputs[name] = try file.array("param.\(name)") }
      request.inputs = inputs.map { RunRequest.Input(name: $0.key, file: $0.key, array: $0.value) }
      let results = Dictionary(
        uniqueKeysWithValues: try run(request).map { ($0.name, $0.array) })
      let expected = [
        ("y", "out.y"), ("d_x", "grad.x"), ("d_weight", "grad.weight"), ("d_bias", "grad.bias"),
        ("phi", "next.phi"), ("nu", "next.ema_gz"), ("step", "next.iters"),
      ]
      for (name, key) in expected {
        guard let reference = try array(key) else { continue }
        let found = try #require(results[name])
        let wanted =
          reference.shape.count == x.shape.count
          ? permuted(reference, form.order) : reference
        #expect(found.shape == wanted.shape, "\(name), step \(step)")
        #expect(
          scaledDeviation(wanted.numbers, found.numbers) < 1e-13, "\(name), step \(step)")
      }
      states = results.filter { ["phi", "nu", "step"].contains($0.key) }
    }
  }

  private func options(_ form: Form) -> Options {
    var options = Options()
    options.type = .float64
    options.sizes = ["G": 2]
    options.settings = ["warmup": 3]
    if let layout = form.layout { options.layouts = ["x": layout] }
    return options
  }

  /// A mask (B, T) that leaves nothing out.
  private func noPadding(_ x: NumPyArray, _ form: Form) -> NumPyArray {
    let shape = ([form.samples] + form.places).map { x.shape[$0] }
    return NumPyArray(
      shape: shape, elements: .bool(Array(repeating: false, count: shape.reduce(1, *))))
  }

  /// The array with its dimensions in another order.
  private func permuted(_ array: NumPyArray, _ order: [Int]) -> NumPyArray {
    let shape = order.map { array.shape[$0] }
    let numbers = array.numbers
    let moved = numbers.indices.map { place in
      var rest = place
      var parts = Array(repeating: 0, count: shape.count)
      for dimension in shape.indices.reversed() {
        parts[order[dimension]] = rest % shape[dimension]
        rest /= shape[dimension]
      }
      return numbers[zip(parts, array.shape).reduce(0) { $0 * $1.1 + $1.0 }]
    }
    return NumPyArray(shape: shape, elements: .float64(moved))
  }
}
