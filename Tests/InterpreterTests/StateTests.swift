import Syntax
import Testing

@testable import Interpreter

@Suite struct StateTests {
  @Test func anUpdateIsCommittedAfterTheCall() throws {
    var builder = NormBuilder()
    let n = builder.axis("N")
    let c = builder.axis("C")
    let x = builder.tensor("x", [n, c])
    let running = builder.state("running", [c], initial: 1)
    let mean = builder.define("mean", reduce(.mean, [n], x))
    builder.output("y", x - running)
    builder.next(running, running + number(0.5) * (mean - running))
    let interpreter = Interpreter(builder.norm)
    var binding = Binding(sizes: ["N": 2, "C": 2], inputs: ["x": [1, 2, 3, 6]])
    let first = try interpreter.forward(phase: .train, binding)
    #expect(first.outputs["y"] == [0, 1, 2, 5])
    #expect(first.states == ["running": [1.5, 2.5]])
    binding.inputs["running"] = first.states["running"]
    let second = try interpreter.forward(phase: .eval, binding)
    #expect(second.outputs["y"] == [-0.5, -0.5, 1.5, 3.5])
    #expect(second.states == first.states)
    // A state carries no gradient, so the mean in it gives x none.
    let back = try interpreter.backward(first, outputGradients: ["y": [1, 1, 1, 1]])
    #expect(back.gradients == ["x": [1, 1, 1, 1]])
    #expect(back.states.isEmpty)
  }

  /// The state after a call where only the second channel takes an element.
  private func stateAfter(_ term: (_ x: Term, _ valid: Term, _ axes: [AxisID]) -> Term) throws
    -> [Double]
  {
    var builder = NormBuilder()
    let n = builder.axis("N")
    let c = builder.axis("C")
    let x = builder.tensor("x", [n, c])
    let valid = builder.mask("valid", [n, c])
    let state = builder.state("state", [c], initial: 7)
    let new = builder.define("new", term(x, valid, [n, c]))
    builder.output("y", x)
    builder.next(state, number(2) * new)
    let binding = Binding(
      sizes: ["N": 2, "C": 2], inputs: ["x": [1, 2, 3, 4], "valid": [0, 0, 0, 1]])
    let result = try Interpreter(builder.norm).forward(phase: .train, binding)
    return try #require(result.states["state"])
  }

  @Test(arguments: [
    (ReductionKind.mean, 8.0), (.maximum, 8), (.minimum, 8), (.variance, 0),
    (.unbiasedVariance, 0),
  ])
  func aStateIsKeptWhereItsStatisticIsEmpty(kind: ReductionKind, other: Double) throws {
    let state = try stateAfter { x, valid, axes in
      reduce(kind, [axes[0]], x, where: valid)
    }
    #expect(state == [7, other])
  }

  @Test func sumsAndCountsAreNeverEmpty() throws {
    #expect(
      try stateAfter { x, valid, axes in reduce(.sum, [axes[0]], x, where: valid) } == [0, 8])
    #expect(try stateAfter { _, valid, axes in reduce(.count, [axes[0]], valid) } == [0, 2])
  }

  @Test func emptinessPassesThroughOperations() throws {
    let state = try stateAfter { x, valid, axes in
      let mean = reduce(.mean, [axes[0]], x, where: valid)
      return stopGradient(unary(.absolute, mean + number(1)) * number(3))
    }
    #expect(state == [7, 30])
  }

  @Test func aFurtherReductionEndsEmptiness() throws {
    let state = try stateAfter { x, valid, axes in
      let means = reduce(.mean, [axes[0]], x, where: valid)
      return reduce(.sum, [axes[1]], means) + number(0) * index([axes[1]])
    }
    #expect(state == [8, 8])
  }

  @Test func onlyTheBranchTakenIsRead() throws {
    let state = try stateAfter { x, valid, axes in
      let mean = reduce(.mean, [axes[0]], x, where: valid)
      return select(compare(.equal, index([axes[1]]), number(0)), number(5), mean)
    }
    #expect(state == [10, 8])
    let condition = try stateAfter { x, valid, axes in
      let mean = reduce(.mean, [axes[0]], x, where: valid)
      return select(compare(.greater, mean, number(-1)), number(5), number(6))
    }
    #expect(condition == [7, 10])
    let both = try stateAfter { x, valid, axes in
      let mean = reduce(.mean, [axes[0]], x, where: valid)
      let inner = select(compare(.equal, index([axes[1]]), number(0)), number(5), mean)
      return select(compare(.greater, mean, number(-1)), inner, number(6))
    }
    #expect(both == [7, 8])
  }

  @Test func aStateIsKeptWhenTheBatchIsEmpty() throws {
    var builder = NormBuilder()
    let n = builder.axis("N")
    let x = builder.tensor("x", [n])
    let state = builder.state("state", [], initial: 3)
    builder.output("y", x)
    builder.next(state, reduce(.mean, [n], x))
    let result = try Interpreter(builder.norm).forward(
      phase: .train, Binding(sizes: ["N": 0], inputs: ["x": []]))
    #expect(result.states == ["state": [3]])
  }

  @Test func aCounterCountsTrainingCalls() throws {
    var builder = NormBuilder()
    let n = builder.axis("N")
    _ = builder.tensor("x", [n])
    let step = builder.value("step", .counter)
    builder.output("y", step, [n])
    let interpreter = Interpreter(builder.norm)
    var binding = Binding(sizes: ["N": 1], inputs: ["x": [0]])
    #expect(try interpreter.forward(phase: .train, binding).outputs["y"] == [1])
    #expect(try interpreter.forward(phase: .eval, binding).outputs["y"] == [0])
    binding.counters["step"] = 4
    let trained = try interpreter.forward(phase: .train, binding)
    #expect(trained.outputs["y"] == [5])
    #expect(trained.counters == ["step": 5])
    let evaluated = try interpreter.forward(phase: .eval, binding)
    #expect(evaluated.outputs["y"] == [4])
    #expect(evaluated.counters == ["step": 4])
  }

  @Test func twoForwardsThenTwoBackwardsEqualThePairs() throws {
    let (norm, names) = gradientBlockNorm()
    #expect(names == ["x", "weight"])
    let interpreter = Interpreter(norm)
    let seed = ["y": [1.0, -2, 3, 0.5]]
    var first = Binding(sizes: ["N": 2, "C": 2], inputs: ["x": [1, 2, 3, 4]])
    first.inputs["phi"] = [2, 3]
    let one = try interpreter.forward(phase: .train, first)
    var second = first
    second.inputs["x"] = [-1, 5, 2, 0]
    second.inputs["phi"] = one.states["phi"]
    let backOne = try interpreter.backward(one, outputGradients: seed)
    let two = try interpreter.forward(phase: .train, second)
    let backTwo = try interpreter.backward(
      two, outputGradients: seed, backwardStates: backOne.states)
    // Again with the backwards at the end.
    let againOne = try interpreter.backward(one, outputGradients: seed)
    let againTwo = try interpreter.backward(
      two, outputGradients: seed, backwardStates: againOne.states)
    #expect(againOne.gradients == backOne.gradients)
    #expect(againTwo.gradients == backTwo.gradients)
    #expect(againTwo.states == backTwo.states)
    #expect(backTwo.states != backOne.states)
  }

  @Test func aGradientBlockReplacesTheDerivative() throws {
    let (norm, _) = gradientBlockNorm()
    let interpreter = Interpreter(norm)
    let binding = Binding(
      sizes: ["N": 2, "C": 2],
      inputs: ["x": [1, 2, 3, 4], "phi": [2, 4], "weight": [1, 10], "nu": [0.5, 0]])
    let result = try interpreter.forward(phase: .train, binding)
    // z = x / phi; y = weight z; a = dz - nu z; grad x = 3 a; next nu = nu + mean[N](a z)
    #expect(result.outputs["y"] == [0.5, 5, 1.5, 10])
    let back = try interpreter.backward(result, outputGradients: ["y": [1, 1, 2, 3]])
    #expect(back.gradients["x"] == [2.25, 30, 3.75, 90])
    #expect(back.gradients["weight"] == [3.5, 3.5])
    #expect(back.states == ["nu": [1.625, 17.5]])
    let moved = try interpreter.backward(
      result, outputGradients: ["y": [1, 1, 2, 3]], backwardStates: ["nu": [0, 0]])
    #expect(moved.gradients["x"] == [3, 30, 6, 90])
    // The block runs even if nothing reaches z: a = -nu z, nu - nu mean[N](z^2).
    let unreached = try interpreter.backward(result, outputGradients: [:])
    #expect(unreached.states == ["nu": [-0.125, 0]])
    #expect(unreached.gradients["x"] == [-0.75, 0, -2.25, 0])
    let evaluated = try interpreter.forward(phase: .eval, binding)
    let frozen = try interpreter.backward(evaluated, outputGradients: ["y": [1, 1, 2, 3]])
    #expect(frozen.gradients["x"] == [0.5, 2.5, 1, 7.5])
    #expect(frozen.states.isEmpty)
  }

  @Test func aContributionIsDerivedFurther() throws {
    var builder = NormBuilder()
    let n = builder.axis("N")
    let x = builder.tensor("x", [n])
    let u = builder.define("u", x * x)
    let root = builder.define("root", squareRoot(u))
    let adjoint = builder.value("d", .adjoint(of: root.id), [n])
    // A quotient by a root whose derivative is replaced must not go around the block.
    builder.output("y", number(1) / root)
    builder.gradient(
      GradientBlock(
        value: root.id, adjoint: adjoint.id, equations: [],
        contributions: [Equation(value: u.id, term: number(10) * adjoint)], updates: []))
    let binding = Binding(sizes: ["N": 2], inputs: ["x": [2, -4]])
    // d root = -1 / root^2; d u = 10 d root; d x = 2 x d u
    let expected: [Double] = [-10, 5]
    #expect(try gradients(of: builder.norm, binding, seed: [1, 1])["x"] == expected)
  }

  /// `z = x / phi` with a gradient block in training, and its differentiable inputs.
  private func gradientBlockNorm() -> (CheckedNorm, [String]) {
    var builder = NormBuilder()
    let n = builder.axis("N")
    let c = builder.axis("C")
    let x = builder.tensor("x", [n, c])
    let weight = builder.parameter("weight", [c], initial: 1)
    let phi = builder.state("phi", [c], initial: 1)
    let nu = builder.state("nu", [c], initial: 0)
    let z = builder.define("z", x / phi)
    let dz = builder.value("dz", .adjoint(of: z.id), [n, c])
    let a = builder.value("a", .equation, [n, c])
    builder.next(phi, reduce(.mean, [n], x * x))
    builder.gradient(
      GradientBlock(
        value: z.id, adjoint: dz.id,
        equations: [Equation(value: a.id, term: dz - nu * z)],
        contributions: [Equation(value: x.id, term: number(3) * a)],
        updates: [Equation(value: nu.id, term: nu + reduce(.mean, [n], a * z))]))
    builder.output("y", weight * z)
    return (builder.norm, ["x", "weight"])
  }
}
