import LoopIR
import Testing

@testable import NormGen

/// Prologues and epilogues cost no pass of their own: the bytes that `explain` prints are the
/// fewest that there can be, each input read once and each output written once.
@Suite struct FusionTests {
  /// Norms with prologues, epilogues or several outputs. A row, or a channel of the batch, is
  /// looked at again only while it stays in the cache that `explain` names.
  static let fused = [
    "adaptive_group_norm", "adaptive_layer_norm", "adaptive_layer_norm_zero", "add_layer_norm",
    "add_rms_norm", "add_rms_norm_parallel", "conditional_batch_norm_delta", "deep_norm",
    "dynamic_tanh", "film", "gated_rms_norm", "gated_rms_norm_before", "gemma_rms_norm",
    "group_rms_norm", "inplace_abn", "layer_norm_no_bias", "layer_scale", "log_softmax",
    "masked_softmax", "modulated_rms_norm", "ngpt_residual", "peri_norm", "poly_norm",
    "qk_layer_norm", "sandwich_norm", "softmax_one", "spade", "weight_norm",
  ]

  @Test(arguments: fused)
  func eachInputIsReadOnceAndEachOutputWrittenOnce(_ name: String) throws {
    let count = try ElementCount(name)
    #expect(count.reads == count.inputs, "\(name) reads \(count.reads) arrays of the size of x")
    #expect(count.writes == count.outputs, "\(name) writes \(count.writes) of them")
  }

  /// Norms whose parameters or modulation have gradients that are sums over what the gradient of x
  /// keeps: along columns of rows (with rows of one item or of all), and along runs of places.
  static let ridden = [
    "adaptive_layer_norm", "group_norm", "instance_norm", "layer_norm", "rms_norm",
  ]

  @Test(arguments: ridden)
  func backwardReadsEachInputOnce(_ name: String) throws {
    let count = try ElementCount(name, .backward)
    #expect(count.reads == count.inputs, "\(name) reads \(count.reads) arrays of the size of x")
    #expect(count.writes == 1, "\(name) writes \(count.writes) of them")
  }

  /// What the count is worth: statistics of two different axis sets need a second look at x.
  @Test func aSecondLookAtTheInputIsCounted() throws {
    let count = try ElementCount("switchable_norm")
    #expect(count.reads > count.inputs)
  }
}

/// How often arrays as large as x go through memory in training.
private struct ElementCount {
  let inputs: Int
  let outputs: Int
  var reads = 0
  var writes = 0

  init(_ name: String, _ direction: Direction = .forward) throws {
    let norm = try #require(Zoo.shared.norm(name)).checked
    let shape = norm.values[0].axes
    let tensors = norm.values.count { value in
      if case .tensor = value.kind { value.axes == shape } else { false }
    }
    outputs = norm.outputs.count { norm.values[$0.index].axes == shape }
    inputs = direction == .forward ? tensors : tensors + outputs
    let functions = try compiledFunctions(norm, Options()).functions
    let function = try #require(
      functions.first { $0.direction == direction && $0.event == nil && $0.phase == .train })
    let kernel = function.kernel
    let large = kernel.buffers.map(\.axes.count).max() ?? 0
    func isLarge(_ buffer: BufferID) -> Bool {
      let buffer = kernel.buffers[buffer.index]
      // A mask has a byte for each element.
      return buffer.axes.count == large && buffer.element == .number
    }
    for region in kernel.traffic.regions {
      reads += region.reads.count { region.moves.contains($0) && isLarge($0) }
      writes += region.writes.count(where: isLarge)
    }
  }
}
