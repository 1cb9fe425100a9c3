import LoopIR
import NumPyFormat
import Testing

@testable import NormGen

/// Input that is wrong, and input at the edge of what is right: there is a defined result or an
/// error, and a call that fails leaves parameters, states and counters as they were.
@Suite struct BadInputTests {
  private static let engines: [Engine] = [.jit, .cc(flags: ["-std=c11", "-O0"])]

  private func layer(
    _ name: String, _ sizes: [String: Int], _ engine: Engine = .jit
  ) throws -> NormLayer {
    try NormLayer(#require(Zoo.shared.norm(name)).compile(engine: engine), sizes: sizes)
  }

  /// Takes a layer through a training call, so that its states are not those of the beginning;
  /// then expects that `body` throws and changes nothing.
  private func expectUnchanged(
    _ layer: inout NormLayer, after inputs: [String: KernelArray], _ what: String,
    _ body: (inout NormLayer) throws -> Void
  ) throws -> KernelError? {
    _ = try layer.forward(inputs)
    let before = (layer.arrays, layer.values)
    let error = #expect(throws: KernelError.self, "\(what)") { try body(&layer) }
    #expect(layer.arrays == before.0 && layer.values == before.1, "\(what)")
    return error
  }

  /// A run of one call from arrays of float32.
  private func request(
    _ name: String, _ engine: RunEngine, _ arrays: [String: ([Int], [Float])]
  ) throws -> RunRequest {
    var request = RunRequest(
      try #require(Zoo.shared.norm(name)).checked, options: Options())
    request.engine = engine
    request.inputs = arrays.map { name, array in
      RunRequest.Input(
        name: name, file: name, array: NumPyArray(shape: array.0, elements: .float32(array.1)))
    }
    return request
  }

  @Test(arguments: engines, [-1, 3, .max, .min] as [Int64])
  func anIndexOutOfRangeIsAnError(_ engine: Engine, _ place: Int64) throws {
    var layer = try layer("conditional_batch_norm", ["C": 2, "S": 1, "K": 3], engine)
    let inputs = ["x": KernelArray.float32([1, 2, 4, 8]), "class": .int64([0, 2])]
    let error = try expectUnchanged(&layer, after: inputs, "\(place)") { layer in
      _ = try layer.forward(inputs.merging(["class": .int64([1, place])]) { $1 })
    }
    guard case .status(_, _, let text) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(text.contains("place"))
  }

  /// A statistic of nothing leaves its state alone; the rest goes on, and nothing is NaN.
  @Test(arguments: engines) func anEmptyMaskKeepsTheStates(_ engine: Engine) throws {
    let x: [Float] = [1, -2, 3, 5, 0.5, 7, 2, 2]
    var masked = try layer("masked_batch_norm", ["C": 2, "T": 2], engine)
    func call(_ valid: Bool) throws -> (NormLayer.ForwardPass, [String: KernelArray]) {
      let mask = KernelArray.mask(Array(repeating: valid, count: 4))
      let pass = try masked.forward(["x": .float32(x), "valid": mask])
      return (pass, try masked.backward(pass, ["y": .float32(x)]))
    }
    _ = try call(true)
    let before = masked.arrays
    let (pass, gradients) = try call(false)
    #expect(masked.arrays == before && before["running_mean"] != .float32([0, 0]))
    // The mean and the variance of nothing are 0.
    for (found, element) in zip(try #require(pass["y"]).numbers, x) {
      #expect(abs(found * 1e-5.squareRoot() - Double(element)) < 1e-5)
    }
    for (found, element) in zip(try #require(gradients["x"]).numbers, x) {
      #expect(abs(found * 1e-5.squareRoot() - Double(element)) < 1e-5)
    }
  }

  @Test(arguments: engines) func paddingAloneKeepsThePowerButCounts(_ engine: Engine) throws {
    let x: [Float] = [1, -2, 3, 5, 0.5, 7, 2, 2]
    var layer = try layer("mask_power_norm", ["C": 2, "T": 2, "B": 2], engine)
    for isPadding in [false, true] {
      let before = layer["phi"]
      let mask = KernelArray.mask(Array(repeating: isPadding, count: 4))
      let pass = try layer.forward(["x": .float32(x), "padding": mask])
      let gradients = try layer.backward(pass, ["y": .float32(x)])
      #expect((layer["phi"] == before) == isPadding)
      let y = try #require(pass["y"])
      for array in Array(gradients.values) + [y] {
        #expect(array.numbers.allSatisfy { $0.isFinite }, "padding: \(isPadding)")
      }
    }
    #expect(layer.values["step"] == 2)
  }

  /// The variance of one element is 0, also the unbiased one, which has no definition.
  @Test(arguments: engines) func oneElementHasNoVariance(_ engine: Engine) throws {
    var layer = try layer("batch_norm", ["C": 2, "S": 1], engine)
    try layer.set("bias", to: .float32([3, 4]))
    let pass = try layer.forward(["x": .float32([5, -1])])
    #expect(pass["y"] == .float32([3, 4]))
    let gradients = try layer.backward(pass, ["y": .float32([1, 2])])
    #expect(gradients["x"] == .float32([0, 0]) && gradients["bias"] == .float32([1, 2]))
    let mean = try #require(layer["running_mean"]).numbers
    let variance = try #require(layer["running_var"]).numbers
    for (a, b) in zip(mean + variance, [0.5, -0.1, 0.9, 0.9]) { #expect(abs(a - b) < 1e-7) }
  }

  /// Batch layer normalization sums a statistic for each place of the batch.
  @Test func aStateForEachSlotNeedsTheSameSlots() throws {
    let sizes = ["N": 2, "S": 1, "C": 3]
    let inputs = ["x": KernelArray.float32([1, 2, 3, 5, 8, 13])]
    let longer = ["x": KernelArray.float32([1, 2, 3, 5, 8, 13, 1, 1, 2])]
    for phase in Kernel.Phase.allCases {
      var first = try layer("batch_layer_norm", sizes)
      let length = try expectUnchanged(&first, after: inputs, "longer") { layer in
        _ = try layer.forward(longer, phase)
      }
      #expect(length == .wrongLength(argument: "x", expected: 6, actual: 9))
      var second = try layer("batch_layer_norm", sizes)
      let slots = try expectUnchanged(&second, after: inputs, "other sizes") { layer in
        _ = try layer.forward(longer, phase, sizes: ["N": 3])
      }
      guard case .wrongLength(let name, expected: 3, actual: 2) = slots else {
        Issue.record("\(String(describing: slots))")
        continue
      }
      #expect(name.hasPrefix("sum_feature_"))
    }
    for engine in RunEngine.allCases {
      let request = try request(
        "batch_layer_norm", engine,
        ["x": ([3, 3], Array(repeating: 1, count: 9)), "sum_feature_mean": ([2], [0, 0])])
      let error = #expect(throws: InputError.self, "\(engine)") { try run(request) }
      #expect(error?.description.contains("sum_feature_mean") == true, "\(engine)")
    }
  }

  @Test func anEventThatThereIsNotIsNamed() throws {
    var layer = try layer("batch_layer_norm", ["N": 2, "S": 1, "C": 3])
    let inputs = ["x": KernelArray.float32([1, 2, 3, 5, 8, 13])]
    let error = try expectUnchanged(&layer, after: inputs, "epoch_stop") { layer in
      try layer.event("epoch_stop")
    }
    #expect(error == .noFunction("event 'epoch_stop' of batch_layer_norm"))
    for engine in RunEngine.allCases {
      var request = try request("batch_layer_norm", engine, [:])
      request.event = "epoch_stop"
      let error = #expect(throws: InputError.self) { try run(request) }
      #expect(error?.description.contains("epoch_stop") == true)
    }
  }

  /// Whatever a forward, a backward or an event is refused for.
  @Test(arguments: engines) func aCallThatFailsChangesNothing(_ engine: Engine) throws {
    let inputs = [
      "x": KernelArray.float32([1, -2, 3, 5, 0.5, 7, 2, 2]),
      "padding": .mask([false, true, false, false]),
    ]
    let failures: [(String, (inout NormLayer) throws -> Void)] = [
      ("no x", { _ = try $0.forward(["padding": .mask([true])]) }),
      ("x of another type", { _ = try $0.forward(inputs.merging(["x": .float64([1])]) { $1 }) }),
      ("a short mask", { _ = try $0.forward(inputs.merging(["padding": .mask([true])]) { $1 }) }),
      ("groups that divide nothing", { _ = try $0.forward(inputs, sizes: ["G": 3]) }),
      ("no groups", { _ = try $0.forward(inputs, sizes: ["G": 0]) }),
      ("a size below 0", { _ = try $0.forward(inputs, sizes: ["T": -2]) }),
      ("an unknown size", { _ = try $0.forward(inputs, sizes: ["H": 2]) }),
      (
        "a gradient of another length",
        { layer in
          var copy = layer
          let pass = try copy.forward(inputs)
          _ = try layer.backward(pass, ["y": .float32([1])])
        }
      ),
      (
        "no gradient",
        { layer in
          var copy = layer
          _ = try layer.backward(copy.forward(inputs), [:])
        }
      ),
    ]
    for (what, failure) in failures {
      var layer = try layer("mask_power_norm", ["C": 2, "T": 2, "B": 2], engine)
      _ = try expectUnchanged(&layer, after: inputs, what, failure)
    }
  }
}
