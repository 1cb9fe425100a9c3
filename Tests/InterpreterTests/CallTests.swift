import Basics
import Syntax
import Testing

@testable import Interpreter

/// A call of a norm means what its equations mean, written out by hand.
@Suite struct CallTests {
  private static let callees = """
    norm scaled(x[N..., C]) -> y {
      scalar eps = 1e-5
      group  C into G = 1
      reduce C/G
      divide by rms
    }
    norm power(x[T, B, C], gate[T, B, C]) -> z, v {
      scalar eps = 1e-5, rate = 0.1
      param  weight[C] = 2
      mask   padding[B, T]
      state  phi[C] = 1, nu[C] = 3
      v = mean[T, B](x^2 where not padding)
      train {
        next phi = ema(phi, v, momentum: rate)
        gradient of z by dz {
          a       = dz - 0.1 * nu * z
          next nu = nu + mean[T, B](a * z)
          grad x  = a / sqrt(v + eps)
        }
      }
      eval { next phi = ema(phi, v, momentum: rate / 2) }
      z = x / sqrt(phi + eps) * gate * weight
    }
    """
  private static let caller = """
    norm caller(x[A, B, D], r[A, B, D]) -> y, v {
      axis heads = 2
      mask pad[A, B]
      u    = scaled(2 * x + r, G: heads, C: D)
      z, v = power(u, x, T: A, C: D, padding: not pad, eps: 1e-3)
      y    = z + u * v
    }
    """
  private static let byHand = """
    norm caller(x[A, B, D], r[A, B, D]) -> y, v {
      group  D into heads = 2
      mask   pad[A, B]
      scalar u_eps = 1e-5, z_rate = 0.1
      param  z_weight[D] = 2
      state  z_phi[D] = 1, z_nu[D] = 3
      t = 2 * x + r
      u = t / sqrt(mean[D/heads](t^2) + u_eps)
      v = mean[A, B](u^2 where pad)
      train {
        next z_phi = ema(z_phi, v, momentum: z_rate)
        gradient of z by dz {
          a         = dz - 0.1 * z_nu * z
          next z_nu = z_nu + mean[A, B](a * z)
          grad u    = a / sqrt(v + 1e-3)
        }
      }
      eval { next z_phi = ema(z_phi, v, momentum: z_rate / 2) }
      z = u / sqrt(z_phi + 1e-3) * x * z_weight
      y = z + u * v
    }
    """

  @Test(arguments: Interpreter.Mode.allCases)
  func aCallMeansItsEquations(mode: Interpreter.Mode) throws {
    let called = try #require(try checkedNorms(Self.callees + Self.caller).last)
    let written = try checkedNorm(Self.byHand)
    var generator = SplitMix64(seed: 11)
    var binding = Binding(sizes: ["A": 3, "B": 2, "D": 4])
    for name in ["x", "r"] { binding.inputs[name] = generator.numbers(24, in: -2...2) }
    binding.inputs["pad"] = [1, 0, 1, 1, 0, 1]
    binding.inputs["z_phi"] = generator.numbers(4, in: 0.5...2)
    let adjoints = [
      "y": generator.numbers(24, in: -1...1), "v": generator.numbers(4, in: -1...1),
    ]
    let (one, other) = (Interpreter(called), Interpreter(written))
    let (first, second) = (
      try one.forward(phase: mode, binding), try other.forward(phase: mode, binding)
    )
    #expect(Set(first.states.keys) == ["z_phi", "z_nu"])
    for (name, elements) in second.outputs.merging(second.states, uniquingKeysWith: { a, _ in a }) {
      let found = try #require(first.outputs[name] ?? first.states[name])
      #expect(agree(found, elements), "\(name) in \(mode)")
    }
    let back = try one.backward(first, outputGradients: adjoints)
    let expected = try other.backward(second, outputGradients: adjoints)
    #expect(Set(back.gradients.keys) == Set(expected.gradients.keys))
    for (name, elements) in expected.gradients {
      #expect(agree(try #require(back.gradients[name]), elements), "d_\(name) in \(mode)")
    }
    for (name, elements) in expected.states {
      #expect(agree(try #require(back.states[name]), elements), "\(name) in \(mode)")
    }
  }

  @Test func aRunTakesTheAxesThatAreLeft() throws {
    let norms = try checkedNorms(
      """
      norm f(x[N..., C]) -> y {
        y = mean[N](x) + size(N) + index(N)
      }
      norm g(x[A, B..., D]) -> y {
        y = f(x, C: A)
      }
      norm h(x[D]) -> y {
        y = f(x, C: D)
      }
      """)
    let binding = Binding(
      sizes: ["A": 2, "B": 3, "D": 2], inputs: ["x": (0..<12).map(Double.init)])
    var expected: [Double] = []
    for mean in [2.5, 8.5] {
      for place in 0..<6 { expected.append(mean + 6 + Double(place)) }
    }
    #expect(agree(try outputs(of: norms[1], binding), expected))
    let alone = Binding(sizes: ["D": 2], inputs: ["x": [5, 7]])
    #expect(agree(try outputs(of: norms[2], alone), [6, 8]))
  }
}
