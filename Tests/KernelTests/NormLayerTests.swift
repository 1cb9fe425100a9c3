import LoopIR
import NormGen
import Testing

@Suite struct NormLayerTests {
  private let kernel: Kernel
  private let example = ScaleExample()

  init() throws { kernel = try Kernel(ScaleKernel.compiled) }

  private func layer() throws -> NormLayer {
    var layer = try NormLayer(
      kernel, sizes: ["C": 4],
      initial: ["weight": 1, "phi": 0, "nu": 0, "factor": 0.5, "negate": 1])
    try layer.set("weight", to: .float32(example.weight))
    try layer.set("phi", to: .float32(example.phi))
    try layer.set("step", to: 6)
    return layer
  }

  private var inputs: [String: KernelArray] {
    ["x": .float32(example.x), "valid": .mask(example.valid)]
  }

  @Test func initialValuesFillTheirShapes() throws {
    let layer = try NormLayer(
      kernel, sizes: ["C": 6, "G": 3],
      initial: ["weight": 2, "phi": -1, "nu": 0.5, "factor": 1, "negate": 0])
    #expect(layer["weight"] == .float32(Array(repeating: 2, count: 6)))
    #expect(layer["phi"] == .float32(Array(repeating: -1, count: 6)))
    #expect(layer["nu"] == .float32(Array(repeating: 0.5, count: 6)))
    #expect(layer.values == ["factor": 1.0, "negate": false, "step": 0])
  }

  @Test func aStepOfTrainingMovesStatesAndCountersOn() throws {
    var layer = try layer()
    let pass = try layer.forward(inputs)
    #expect(pass["y"] == .float32(example.y))
    #expect(pass.outputs.count == 1)
    #expect(layer["phi"] == .float32(example.nextPhi))
    #expect(layer.values["step"] == 7)
    let gradients = try layer.backward(pass, ["y": .float32(example.yGradient)])
    #expect(gradients["x"] == .float32(example.xGradient))
    #expect(gradients["weight"] == .float32(example.weightGradient))
    #expect(gradients.count == 2)
    #expect(layer["nu"] == .float32(example.weightGradient))
  }

  @Test func passesAreTakenBackInAnyOrder() throws {
    var second = example
    second.x.reverse()
    let secondInputs: [String: KernelArray] = [
      "x": .float32(second.x), "valid": .mask(second.valid),
    ]
    let gradient: [String: KernelArray] = ["y": .float32(example.yGradient)]

    var paired = try layer()
    let firstPass = try paired.forward(inputs)
    let firstGradients = try paired.backward(firstPass, gradient)
    let secondPass = try paired.forward(secondInputs)
    let secondGradients = try paired.backward(secondPass, gradient)

    var interleaved = try layer()
    let passes = [try interleaved.forward(inputs), try interleaved.forward(secondInputs)]
    #expect(passes[0]["y"] == firstPass["y"] && passes[1]["y"] == secondPass["y"])
    #expect(try interleaved.backward(passes[1], gradient) == secondGradients)
    #expect(try interleaved.backward(passes[0], gradient) == firstGradients)
    #expect(firstGradients != secondGradients)
    #expect(interleaved["phi"] == paired["phi"] && interleaved["nu"] == paired["nu"])
  }

  @Test func aBackwardSeesTheParametersOfItsForward() throws {
    var layer = try layer()
    let pass = try layer.forward(inputs)
    try layer.set("weight", to: .float32([0, 0, 0, 0]))
    try layer.set("factor", to: 9.0)
    let gradients = try layer.backward(pass, ["y": .float32(example.yGradient)])
    #expect(gradients["x"] == .float32(example.xGradient))
  }

  @Test func aCopyIsAnotherLayer() throws {
    var first = try layer()
    let second = first
    _ = try first.forward(inputs)
    #expect(second["phi"] == .float32(example.phi))
    #expect(first["phi"] == .float32(example.nextPhi))
  }

  @Test func aCallThatFailsChangesNothing() throws {
    var layer = try layer()
    try layer.set("factor", to: 13.0)
    let before = (layer.arrays, layer.values)
    #expect(throws: KernelError.self) { try layer.forward(inputs) }
    #expect(layer.arrays == before.0 && layer.values == before.1)
  }

  @Test func wrongNamesAndLengthsAreThrown() throws {
    var layer = try layer()
    #expect(throws: KernelError.unknownArgument("z", known: ["valid", "x"])) {
      try layer.forward(["z": .float32([])])
    }
    #expect(throws: KernelError.wrongLength(argument: "weight", expected: 4, actual: 1)) {
      try layer.set("weight", to: .float32([1]))
    }
    #expect(throws: KernelError.unknownArgument("gain", known: ["nu", "phi", "weight"])) {
      try layer.set("gain", to: .float32([1]))
    }
    #expect(
      throws: KernelError.wrongType(argument: "phi", expected: "float32", actual: "float64")
    ) { try layer.set("phi", to: .float64([1, 2, 3, 4])) }
    #expect(throws: KernelError.unknownArgument("z", known: ["y"])) {
      try layer.backward(try layer.forward(inputs), ["z": .float32([])])
    }
    #expect(throws: KernelError.missingSize("C")) {
      try NormLayer(kernel, initial: ["weight": 1, "phi": 0, "factor": 1, "negate": 0])
    }
    #expect(throws: KernelError.missingArgument("phi")) {
      try NormLayer(kernel, sizes: ["C": 4], initial: ["weight": 1])
    }
  }
}
