import NormGen
import Testing

/// PowerNorm behind group scaling, as two layers, on the reference of the norm that calls one
/// within the other.
@Suite struct PowerNormCompositionTests {
  @Test(arguments: [Engine.jit, .cc(flags: ["-std=c11", "-O0"])])
  func twoLayersAreMaskPowerNorm(_ engine: Engine) throws {
    let file = try ReferenceFile("mask_power_norm")
    var (scaling, power) = try layers(file, engine)
    for (step, action) in try file.actions().enumerated() {
      func numbers(_ name: String) throws -> [Double] {
        try #require(try file.array("\(step).\(name)")).numbers
      }
      func compare(_ array: KernelArray?, _ name: String) throws {
        guard let expected = try file.array("\(step).\(name)")?.numbers else { return }
        let found = try #require(array).numbers
        #expect(found.count == expected.count)
        for (a, b) in zip(found, expected) {
          #expect(abs(a - b) < 1e-13, "\(name), step \(step)")
        }
      }
      let phase: Kernel.Phase = action == .eval ? .eval : .train
      let inner = try scaling.forward(["x": .float64(numbers("in.x"))], phase)
      let outer = try power.forward(
        ["x": #require(inner["y"]), "valid": valid(numbers("in.pad_mask"))], phase)
      try compare(outer["y"], "out.y")
      let gradients = try power.backward(outer, ["y": .float64(numbers("grad_out.y"))])
      let back = try scaling.backward(inner, ["y": #require(gradients["x"])])
      try compare(back["x"], "grad.x")
      try compare(gradients["weight"], "grad.weight")
      try compare(gradients["bias"], "grad.bias")
      try compare(power["phi"], "next.phi")
      try compare(power["nu"], "next.ema_gz")
    }
    #expect(power.values["step"] == 4)
  }

  private func layers(_ file: ReferenceFile, _ engine: Engine) throws -> (NormLayer, NormLayer) {
    var options = Options()
    options.type = .float64
    let kernels = try ["group_scaling_1d", "power_norm"].map {
      try #require(Zoo.shared.norm($0)).compile(options, engine: engine)
    }
    let scaling = try NormLayer(kernels[0], sizes: ["C": 8, "G": 2])
    var power = try NormLayer(
      kernels[1], sizes: ["C": 8, "T": 5, "B": 3], initial: ["warmup": 3])
    for name in ["weight", "bias"] {
      try power.set(name, to: .float64(#require(try file.array("param.\(name)")).numbers))
    }
    return (scaling, power)
  }

  /// Where there is no padding: (T, B) of a mask (B, T).
  private func valid(_ padding: [Double]) -> KernelArray {
    .mask((0..<15).map { padding[$0 % 3 * 5 + $0 / 3] == 0 })
  }
}
