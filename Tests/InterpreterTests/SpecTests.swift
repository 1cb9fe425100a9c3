import Basics
import Foundation
import Syntax
import Testing

@testable import Interpreter

/// The specs that ship with the project, as they stand in its folder.
@Suite struct SpecTests {
  private static let folder = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "specs")

  /// The names of all specs of the folder.
  private static let names: [String] = {
    let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path())) ?? []
    return files.filter { $0.hasSuffix(".norm") }.map { String($0.dropLast(5)) }.sorted()
  }()

  private func spec(_ name: String) throws -> CheckedNorm {
    let file = Self.folder.appending(path: name + ".norm")
    return try checkedNorm(String(contentsOf: file, encoding: .utf8))
  }

  /// Small sizes, all different, and random arrays; statistics of states are positive.
  private func binding(_ norm: CheckedNorm, seed: UInt64) throws -> Binding {
    var generator = SplitMix64(seed: seed)
    var binding = Binding()
    for (place, size) in norm.sizes.enumerated() {
      binding.sizes[size.name] = size.standard == nil ? 6 - place : 1
    }
    for axis in norm.axes {
      guard case .quotient(let whole, let part) = axis.extent else { continue }
      binding.sizes[norm.sizes[whole.index].name] = 4
      binding.sizes[norm.sizes[part.index].name] = 2
    }
    let extents = try Extents(of: norm, sizes: binding.sizes)
    for value in norm.values {
      let count = extents.count(value.axes)
      switch value.kind {
      case .tensor, .parameter:
        binding.inputs[value.name] = generator.numbers(count, in: -2...2)
      case .state: binding.inputs[value.name] = generator.numbers(count, in: 0.5...2)
      case .index(of: let axes):
        binding.inputs[value.name] = (0..<count).map { Double($0 % extents.count(axes)) }
      case .mask: binding.inputs[value.name] = (0..<count).map { $0 % 3 == 1 ? 0 : 1 }
      case .scalar, .counter, .equation, .adjoint, .eventArgument: break
      }
    }
    return binding
  }

  @Test(arguments: names, Interpreter.Mode.allCases)
  func derivedGradientsAgreeWithDifferences(name: String, mode: Interpreter.Mode) throws {
    let norm = try spec(name)
    let interpreter = Interpreter(norm)
    let seed: UInt64 = 61
    let binding = try binding(norm, seed: seed)
    var generator = SplitMix64(seed: seed + 1)
    let result = try interpreter.forward(phase: mode, binding)
    let adjoints = result.outputs.mapValues { generator.numbers($0.count, in: -2...2) }
    let back = try interpreter.backward(result, outputGradients: adjoints)
    let isReplaced = !interpreter.phase(mode).gradients.isEmpty
    for (wanted, gradient) in back.gradients.sorted(by: { $0.key < $1.key })
    where !(isReplaced && wanted == "x") {
      let differences = try interpreter.finiteDifferences(
        around: result, binding, outputGradients: adjoints, withRespectTo: wanted)
      #expect(gradient.contains { $0 != 0 })
      #expect(
        agree(gradient, differences, tolerance: 1e-7),
        "seed \(seed), d_\(wanted): \(gradient), differences \(differences)")
    }
  }

  @Test(arguments: names) func anySizeMayBeZero(name: String) throws {
    let norm = try spec(name)
    let interpreter = Interpreter(norm)
    for empty in norm.sizes where empty.standard == nil {
      var binding = try binding(norm, seed: 63)
      binding.sizes[empty.name] = 0
      let extents = try Extents(of: norm, sizes: binding.sizes)
      for value in norm.values where binding.inputs[value.name] != nil {
        let count = extents.count(value.axes)
        binding.inputs[value.name] = Array(repeating: 0.25, count: count)
      }
      let result = try interpreter.forward(phase: .train, binding)
      for (state, elements) in result.states {
        #expect(elements == binding.inputs[state], "\(state) without \(empty.name)")
      }
      let adjoints = result.outputs.mapValues { $0.map { _ in 1.0 } }
      let back = try interpreter.backward(result, outputGradients: adjoints)
      #expect(back.gradients.values.joined().allSatisfy { $0 == 0 })
    }
  }

  /// Steps across the end of the warm-up. One channel, so that all places belong to one statistic.
  @Test func powerNormFollowsTheReleasedCode() throws {
    let interpreter = Interpreter(try spec("power_norm"))
    var code = ReleasedPowerNorm(warmup: 2)
    var generator = SplitMix64(seed: 65)
    var binding = Binding(sizes: ["T": 3, "B": 2, "C": 1])
    binding.scalars = [
      "eps": code.eps, "alpha_fwd": code.forwardRate, "alpha_bwd": code.backwardRate,
      "warmup": Double(code.warmup),
    ]
    for step in 1...4 {
      let x = generator.numbers(6, in: -2...2)
      let dy = generator.numbers(6, in: -2...2)
      binding.inputs = [
        "x": x, "valid": code.valid, "phi": [code.phi], "nu": [code.nu],
        "weight": [code.weight], "bias": [code.bias],
      ]
      binding.counters["step"] = step - 1
      let result = try interpreter.forward(phase: .train, binding)
      let back = try interpreter.backward(result, outputGradients: ["y": dy])
      let expected = code.step(step, x: x, dy: dy)
      #expect(agree(result.outputs["y"] ?? [], expected.y), "step \(step)")
      #expect(agree(back.gradients["x"] ?? [], expected.dx), "step \(step)")
      #expect(agree(result.states["phi"] ?? [], [code.phi]), "step \(step)")
      #expect(agree(back.states["nu"] ?? [], [code.nu]), "step \(step)")
      #expect(result.counters == ["step": step])
    }
  }

  /// Large enough that a step per element and term would not end.
  @Test(arguments: ["layer_norm", "batch_norm", "power_norm"])
  func aHundredThousandElementsTakeNoPatience(name: String) throws {
    let norm = try spec(name)
    let interpreter = Interpreter(norm)
    var binding = Binding(sizes: ["N": 50, "C": 100, "S": 20, "T": 40, "B": 25])
    if name == "layer_norm" { binding.sizes["N"] = 1000 }
    binding.sizes = binding.sizes.filter { size in norm.sizes.contains { $0.name == size.key } }
    let extents = try Extents(of: norm, sizes: binding.sizes)
    var generator = SplitMix64(seed: 67)
    for value in norm.values {
      switch value.kind {
      case .tensor, .mask:
        let count = extents.count(value.axes)
        binding.inputs[value.name] = generator.numbers(count, in: 0.5...2)
      case .parameter, .state, .index, .scalar, .counter, .equation, .adjoint, .eventArgument: break
      }
    }
    let result = try interpreter.forward(phase: .train, binding)
    let back = try interpreter.backward(
      result, outputGradients: ["y": try #require(binding.inputs["x"])])
    #expect(back.gradients["x"]?.count == 100_000)
  }

  @Test func theFolderHoldsSpecs() {
    #expect(Self.names.contains("layer_norm"))
    #expect(Self.names.count >= 10)
  }
}

/// One channel of PowerNorm as its released code computes it, element by element.
private struct ReleasedPowerNorm {
  let eps = 1e-5
  let forwardRate = 0.9
  let backwardRate = 0.8
  let weight = 1.5
  let bias = 0.5
  let valid: [Double] = [1, 1, 0, 1, 0, 1]
  let warmup: Int
  var phi = 1.0
  var nu = 0.0

  init(warmup: Int) { self.warmup = warmup }

  /// The training call number `step`, from 1, and its backward.
  mutating func step(_ step: Int, x: [Double], dy: [Double]) -> (y: [Double], dx: [Double]) {
    var v = 0.0
    for place in x.indices where valid[place] == 1 { v += x[place] * x[place] / 4 }
    let divisor = ((step <= warmup ? v : phi) + eps).squareRoot()
    let z = x.map { $0 / divisor }
    // The cumulative mean comes first, then the moving one on top of it.
    if step < warmup { phi = phi * Double(step - 1) / Double(step) + v / Double(step) }
    phi = forwardRate * phi + (1 - forwardRate) * v
    var a: [Double] = []
    for place in x.indices {
      a.append(weight * dy[place] - (1 - backwardRate) * nu * z[place])
    }
    var products = 0.0
    for place in x.indices { products += a[place] * z[place] / 6 }
    nu += products
    return (z.map { weight * $0 + bias }, a.map { $0 / (v + eps).squareRoot() })
  }
}
