import Basics
import CCode
import LoopIR

/// The elementary functions of a step, each called for all of its vectors at once: their
/// polynomials are long chains, which the processor works on side by side only if they stand side
/// by side.
struct CallsTogether {
  private struct Call {
    var function: ElementaryFunction
    var argument: LaneValue
    /// The array of its results.
    var array: String
  }

  /// The program, in which the results are arguments.
  private(set) var program: LaneProgram
  /// The arguments of the program, then the results.
  private(set) var arguments: [CExpression]
  private let original: LaneProgram
  private let first: [CExpression]
  private var calls: [Call] = []

  /// The calls whose arguments hold no other call.
  init(
    _ program: LaneProgram, _ roots: [LaneValue], _ arguments: [CExpression],
    _ names: inout NameSet
  ) {
    var changed = LaneProgram()
    self.arguments = arguments
    original = program
    first = arguments
    let needed = Set(program.values(for: roots))
    var behindCalls = Set<LaneValue>()
    for (place, operation) in program.operations.enumerated() {
      let value = LaneValue(place)
      let isBehind = operation.operands.contains { behindCalls.contains($0) }
      var replaced = operation
      if case .function(let function, let operands) = operation {
        behindCalls.insert(value)
        if !isBehind, operands.count == 1, program.types[place] == .number, needed.contains(value) {
          let array = names.unique(function.rawValue + "_all")
          calls.append(Call(function: function, argument: operands[0], array: array))
          replaced = .argument(self.arguments.count)
          self.arguments.append(.index(.name(array), .name("v")))
        }
      } else if isBehind {
        behindCalls.insert(value)
      }
      changed.append(replaced, program.types[place], name: program.names[place])
    }
    self.program = changed
  }

  /// Calls them, ahead of the loop over the vectors of the step.
  func statements(
    _ type: ComputeType, _ names: NameSet, eachVector: ([CStatement]) -> CStatement
  ) -> [CStatement] {
    if calls.isEmpty { return [] }
    let code = ProgramCode(
      original, type, .lanes, arguments: first, roots: calls.map(\.argument), names: names)
    let arrays = calls.flatMap { call -> [CStatement] in
      [
        .declare(.array(of: .named("lanes"), count: .name("VECTORS")), call.array),
        .expression(.callVariant("clear", [.name(call.array)])),
      ]
    }
    let set = calls.map {
      CStatement.set(.index(.name($0.array), .name("v")), code[$0.argument])
    }
    return arrays + [eachVector(code.statements + set)]
      + calls.map {
        .expression(
          .callVariant("v_\($0.function.rawValue)_all", [.name($0.array), .name("live")]))
      }
  }
}
