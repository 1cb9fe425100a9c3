import Basics
import Foundation
import LoopIR
import Syntax
import TensorIR

@testable import NormGen
@testable import Passes

/// A norm of `specs/` or of a test, with the graphs that fix the bits of its functions.
struct TestNorm: Sendable, CustomStringConvertible {
  let checked: CheckedNorm
  private let graphs: [Function: Graph]

  struct Function: Hashable {
    let direction: Kernel.Direction
    let phase: Kernel.Phase
  }

  var name: String { checked.name }
  var description: String { name }

  init(_ checked: CheckedNorm, _ options: Options = Options()) {
    self.checked = checked
    var graphs: [Function: Graph] = [:]
    for phase in Kernel.Phase.allCases {
      let primal = lowered(
        checked, phase == .train ? .train : .eval, settings: options.settings,
        sizes: options.sizes, layouts: options.layouts)
      let joint = derived(differentiated(primal), options.passDerivatives)
      let parts = partitioned(
        simplified(joint), options.passDerivatives, outputsAreExact: options.type.isExact)
      let lookedFor = parts.savedValuesLookedFor
      let exact = { contracted(sharingSums(precise($0)), lookedFor: lookedFor) }
      graphs[Function(direction: .forward, phase: phase)] = exact(parts.forward)
      for (derivative, formulas) in parts.derived {
        let direction = derivative.direction.ofKernels
        graphs[Function(direction: direction, phase: phase)] = exact(formulas)
      }
    }
    self.graphs = graphs
  }

  /// The only norm of a text.
  init(text: String) throws { self.init(try Norm.parse(text)[0].checked) }

  /// The graph whose values a function must have to the last bit.
  func graph(_ direction: Kernel.Direction, _ phase: Kernel.Phase) -> Graph? {
    graphs[Function(direction: direction, phase: phase)]
  }

  /// `true` iff a derivative reads the output of that name, a statistic, in storage of any type.
  func isReadAgain(_ output: String) -> Bool {
    let tensors = graphs.values.flatMap(\.inputs).filter { $0.kind == .tensor }
    return graphs.contains { function, graph in
      function.direction != .forward
        && graph.inputs.contains { input in
          input.kind == .saved && input.name == output
            && tensors.contains { Set($0.axes).isStrictSuperset(of: input.axes) }
        }
    }
  }

  /// `true` iff `name` is that of a parameter.
  func isParameter(_ name: String) -> Bool {
    checked.values.contains { value in
      if case .parameter = value.kind { value.name == name } else { false }
    }
  }

  /// `true` iff evaluation is not training.
  var hasStates: Bool {
    checked.values.contains { value in
      switch value.kind {
      case .state, .counter: true
      case .tensor, .parameter, .mask, .index, .scalar, .equation, .adjoint, .eventArgument: false
      }
    }
  }

  /// The phases in which it does different things.
  var phases: [Kernel.Phase] {
    hasStates || checked.train != checked.eval ? [.train, .eval] : [.train]
  }

  /// All norms of `specs/`, by name.
  static let ofSpecs: Result<[TestNorm], any Error> = Result {
    let directory = repository + "/specs"
    let files = try FileManager.default.contentsOfDirectory(atPath: directory)
      .filter { $0.hasSuffix(".norm") }.sorted()
    return try files.flatMap { file in
      try Norm.load(directory + "/" + file).map { TestNorm($0.checked) }
    }
  }

  /// The names of the norms of `specs/`, which are those of its files.
  static let names: [String] = {
    let files = try? FileManager.default.contentsOfDirectory(atPath: repository + "/specs")
    return (files ?? []).filter { $0.hasSuffix(".norm") }.map { String($0.dropLast(5)) }.sorted()
  }()

  /// The norm of that name in `specs/`.
  static func ofSpec(_ name: String) throws -> TestNorm {
    guard let norm = try ofSpecs.get().first(where: { $0.name == name }) else {
      throw MissingNorm(name: name)
    }
    return norm
  }

  private static let repository = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().path
}

struct MissingNorm: Error { let name: String }
