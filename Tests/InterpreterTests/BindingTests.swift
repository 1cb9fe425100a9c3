import Syntax
import Testing

@testable import Interpreter

@Suite struct BindingTests {
  /// A norm with a group, a mask, scalars with and without default, and all kinds of arrays.
  private func norm() -> CheckedNorm {
    var builder = NormBuilder()
    let n = builder.axis("N")
    let groups = builder.group("C", into: "G", standard: 2)
    let x = builder.tensor("x", [n] + groups)
    let weight = builder.parameter("weight", groups, initial: 3)
    let valid = builder.mask("valid", [n])
    let base = builder.scalar("base", standard: 10)
    let derived = builder.value("derived", .scalar(standard: base * size(groups)))
    let needed = builder.scalar("needed", standard: nil)
    let state = builder.value("state", .state(initial: derived), [groups[0]])
    builder.output("y", select(valid, x * weight, needed) + base + derived + state, [n] + groups)
    return builder.norm
  }

  private func binding() -> Binding {
    Binding(
      sizes: ["N": 1, "C": 4], inputs: ["x": [1, 2, 3, 4], "valid": [1]], scalars: ["needed": 0])
  }

  @Test func whatIsMissingTakesItsInitialValue() throws {
    #expect(try outputs(of: norm(), binding()) == [93, 96, 99, 102])
  }

  @Test func defaultsGoByDefaults() throws {
    var binding = binding()
    binding.scalars["base"] = 0
    // `derived` and the state's initial value are 40 still.
    #expect(try outputs(of: norm(), binding) == [83, 86, 89, 92])
  }

  @Test func aScalarWithoutDefaultIsRequired() throws {
    var binding = binding()
    binding.scalars["needed"] = nil
    #expect(throws: InterpreterError.missingValue("needed")) {
      try Interpreter(norm()).forward(phase: .train, binding)
    }
  }

  @Test(arguments: ["x", "valid"]) func tensorsAndMasksAreRequired(name: String) throws {
    var binding = binding()
    binding.inputs[name] = nil
    #expect(throws: InterpreterError.missingValue(name)) {
      try Interpreter(norm()).forward(phase: .train, binding)
    }
  }

  @Test(
    arguments: [
      (["C": 4], .missingSize("N")),
      (["N": -1, "C": 4], .negativeSize("N", -1)),
      (["N": 1, "C": 5], .indivisible("C", 5, by: "G", 2)),
      (["N": 1, "C": 4, "G": 0], .indivisible("C", 4, by: "G", 0)),
      (["N": Int.max / 2, "C": 4], .sizesTooLarge),
      (["N": 1, "C": 4, "H": 2], .unknownName("H")),
      (["N": 2, "C": 4], .wrongLength("x", expected: 8, found: 4)),
    ] as [([String: Int], InterpreterError)])
  func sizesAreChecked(sizes: [String: Int], expected: InterpreterError) throws {
    var binding = binding()
    binding.sizes = sizes
    #expect(throws: expected) { try Interpreter(norm()).forward(phase: .eval, binding) }
  }

  @Test func namesAndLengthsOfInputsAreChecked() throws {
    var unknown = binding()
    unknown.inputs["weigth"] = [1]
    #expect(throws: InterpreterError.unknownName("weigth")) {
      try Interpreter(norm()).forward(phase: .train, unknown)
    }
    var output = binding()
    output.inputs["y"] = [1, 2, 3, 4]
    #expect(throws: InterpreterError.unknownName("y")) {
      try Interpreter(norm()).forward(phase: .train, output)
    }
    var short = binding()
    short.inputs["state"] = [1]
    #expect(throws: InterpreterError.wrongLength("state", expected: 2, found: 1)) {
      try Interpreter(norm()).forward(phase: .train, short)
    }
    var counter = binding()
    counter.counters["step"] = 1
    #expect(throws: InterpreterError.unknownName("step")) {
      try Interpreter(norm()).forward(phase: .train, counter)
    }
  }

  @Test func theBackwardIsCheckedToo() throws {
    let interpreter = Interpreter(norm())
    let result = try interpreter.forward(phase: .train, binding())
    #expect(throws: InterpreterError.unknownName("x")) {
      try interpreter.backward(result, outputGradients: ["x": [1, 1, 1, 1]])
    }
    #expect(throws: InterpreterError.wrongLength("y", expected: 4, found: 1)) {
      try interpreter.backward(result, outputGradients: ["y": [1]])
    }
    #expect(throws: InterpreterError.unknownName("state")) {
      try interpreter.backward(
        result, outputGradients: ["y": [1, 1, 1, 1]], backwardStates: ["state": [1, 1]])
    }
  }

  @Test func messagesNameWhatIsWrong() {
    #expect(
      InterpreterError.indivisible("C", 5, by: "G", 2).description
        == "size 'C' is 5, which 'G', 2, does not divide")
    #expect(
      InterpreterError.wrongLength("x", expected: 8, found: 4).description
        == "'x' has 4 elements; its sizes want 8")
  }
}
