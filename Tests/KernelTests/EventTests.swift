import Basics
import Interpreter
import NormGen
import Syntax
import Testing

/// Events as C functions, against the interpreter.
@Suite struct EventTests {
  private static let text = """
    norm epochs(x[N, S, C]) -> y {
      scalar  eps = 1e-3
      param   weight[C] = 1
      state   total[S, C] = 0, spread[S, C] = 2
      mask    valid[N]
      counter steps
      mean = mean[N](x where valid)
      train { m = mean   next total = total + mean }
      eval { m = total + 0 * spread }
      y = (x - m) * weight + eps
      event start { next total = 0   next steps = 0 }
      event finish {
        bessel      = size(N) / (size(N) - 1)
        next total  = total / steps * bessel
        next spread = mean
      }
      event scale(by, from) {
        shift       = mean[S](mean)
        next weight = weight * by + from * shift
        next steps  = steps * by
      }
    }
    """

  private static let sizes = ["N": 3, "S": 5, "C": 9]

  private func norm() throws -> Norm { try #require(try Norm.parse(Self.text).last) }

  private func numbers(_ count: Int, seed: UInt64) -> [Double] {
    var random = SplitMix64(seed: seed)
    return (0..<count).map { _ in .random(in: -2..<2, using: &random) }
  }

  private var mask: KernelArray { .mask([true, false, true]) }

  @Test(arguments: [Engine.jit, .cc()])
  func aLayerGoesThroughAnEpoch(engine: Engine) throws {
    var options = Options()
    options.type = .float64
    let norm = try norm()
    let kernel = try norm.compile(options, engine: engine)
    #expect(kernel.eventNames == ["start", "finish", "scale"])
    var layer = try NormLayer(kernel, sizes: ["S": 5, "C": 9])
    let interpreter = Interpreter(norm.checked)
    var binding = Binding(sizes: Self.sizes, inputs: ["valid": [1, 0, 1]], counters: ["steps": 0])
    let x = [numbers(135, seed: 1), numbers(135, seed: 2)]
    func check(_ event: String, _ arguments: [String: Double] = [:]) throws {
      let expected = try interpreter.event(event, binding, arguments: arguments)
      try layer.event(
        event, arguments, ["x": .float64(x[0]), "valid": mask].filter { _ in event != "start" },
        sizes: ["N": 3])
      for (name, array) in expected.arrays {
        let found = try #require(layer[name]).numbers
        let worst = zip(found, array).reduce(0.0) { max($0, abs($1.0 - $1.1)) }
        #expect(found.count == array.count && worst < 1e-12, "\(name) after \(event)")
        binding.inputs[name] = array
      }
      for (name, count) in expected.counters {
        #expect(layer.values[name] == .count(Int64(count)), "\(name) after \(event)")
        binding.counters[name] = count
      }
    }
    try check("start")
    for batch in x {
      binding.inputs["x"] = batch
      let result = try interpreter.forward(phase: .train, binding)
      _ = try layer.forward(["x": .float64(batch), "valid": mask])
      for (name, elements) in result.states { binding.inputs[name] = elements }
      binding.counters = result.counters
    }
    binding.inputs["x"] = x[0]
    try check("finish")
    try check("scale", ["by": 1.25, "from": 0.5])
    try check("scale", ["by": -1, "from": 0.5])
    let found = try layer.forward(["x": .float64(x[0]), "valid": mask], .eval)
    let expected = try interpreter.forward(phase: .eval, binding)
    let pairs = zip(try #require(found["y"]).numbers, try #require(expected.outputs["y"]))
    #expect(pairs.reduce(0.0) { max($0, abs($1.0 - $1.1)) } < 1e-12)
  }

  @Test(arguments: ["start", "finish", "scale"])
  func allEnginesGiveTheSameBits(event: String) throws {
    let norm = try norm()
    let values: [String: KernelValue] = [
      "steps": .count(7), "by": .number(0.3), "from": .number(2),
    ]
    var results: [[String: KernelArray]] = []
    for engine in [Engine.jit, .cc()] {
      let kernel = try norm.compile(engine: engine)
      results.append(
        try kernel.run(
          event: event, sizes: Self.sizes,
          arrays: [
            "x": kernel.real(numbers(135, seed: 3)), "valid": mask,
            "weight": kernel.real(numbers(9, seed: 4)),
            "total": kernel.real(numbers(45, seed: 5)),
            // The prelude has a `spread` of its own.
            "spread_": kernel.real(numbers(45, seed: 6)),
          ], values: values))
    }
    #expect(results[0] == results[1])
    #expect(!results[0].isEmpty)
  }

  @Test func whatIsWrongWithAnEventIsSaid() throws {
    let kernel = try norm().compile()
    #expect(throws: KernelError.noFunction("event 'stop' of epochs")) {
      try kernel.run(event: "stop")
    }
    var layer = try NormLayer(kernel, sizes: ["S": 5, "C": 9])
    let before = layer.arrays
    #expect(throws: KernelError.missingArgument("by")) {
      try layer.event(
        "scale", ["from": 1], ["x": kernel.real(numbers(135, seed: 7)), "valid": mask])
    }
    #expect(throws: KernelError.self) {
      try layer.event("start", [:], ["x": kernel.real([1])], sizes: ["N": 3])
    }
    #expect(layer.arrays == before)
  }
}
