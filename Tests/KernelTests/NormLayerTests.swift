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

  /// `m` is a statistic as well, `y` spares the backward `exp`.
  @Test func aBackwardIsGivenTheOutputsThatItReads() throws {
    let text = """
      norm f(x[N, C]) -> y, m[N] { m = max[C](x)   e = exp(x - m)   y = e / sum[C](e) + m }
      norm g(x[N, C]) -> y { e = exp(x)   y = e / sum[C](e) }
      """
    let norms = try Norm.parse(text)
    let x = KernelArray.float32([1, 1, 1, 1])
    var f = try NormLayer(norms[0].compile())
    let passOfF = try f.forward(["x": x], sizes: ["C": 2])
    let ofF = try f.backward(passOfF, ["y": .float32([1, 1, 0, 0]), "m": .float32([0, 0])])
    #expect(passOfF["m"] == .float32([1, 1]) && ofF["x"] == .float32([2, 0, 0, 0]))
    var g = try NormLayer(norms[1].compile())
    let passOfG = try g.forward(["x": x], sizes: ["C": 2])
    let ofG = try g.backward(passOfG, ["y": .float32([1, 0, 0, 4])])
    #expect(ofG["x"] == .float32([0.25, -0.25, -1, 1]))
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

  /// `c`, `n` and `register` have other names in C.
  @Test func everythingGoesByItsNameInTheSource() throws {
    let text = """
      norm f(register[N]) -> y {
        scalar  c = 2
        param   n = 3
        state   long = 4
        counter int
        next long = long + c * int
        y = register * n * c + long
        event double(by) { next n = n * by   next int = 5 }
      }
      """
    var layer = try NormLayer(Norm.parse(text)[0].compile(), initial: ["n": 5])
    #expect(layer["n"] == .float32([5]) && layer["long"] == .float32([4]))
    #expect(layer.values == ["c": 2.0, "int": 0])
    let pass = try layer.forward(["register": .float32([1, 2])])
    #expect(pass["y"] == .float32([14, 24]))
    #expect(layer["long"] == .float32([6]) && layer.values["int"] == 1)
    try layer.event("double", ["by": 3], sizes: ["N": 2])
    #expect(layer["n"] == .float32([15]) && layer.values["int"] == 5)
    let gradients = try layer.backward(pass, ["y": .float32([1, 1])])
    #expect(gradients == ["register": .float32([10, 10]), "n": .float32([6])])
    #expect(throws: KernelError.unknownArgument("of", known: ["by"])) {
      try layer.event("double", ["by": 3, "of": 1])
    }
    #expect(
      throws: KernelError.wrongType(argument: "int", expected: "a whole number", actual: "0.5")
    ) { try NormLayer(layer.kernel, initial: ["int": 0.5]) }
  }
}
