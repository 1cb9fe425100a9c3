import Basics
import LoopIR
import TensorIR

/// One C function of a norm on its way to text.
package struct CompiledFunction: Sendable {
  package var direction: Direction
  package var phase: CallPhase
  /// The event that it is; `nil` for the calls of a norm.
  package var event: String?
  /// Which step it is of those that several processes compute together; `nil` for what a process
  /// computes alone.
  package var step: RankStep?
  /// The graph in the terms of mathematics: what comments and explanations show.
  package var formulas: Graph
  /// The graph that fixes every bit: after `precision` and `contraction`.
  package var graph: Graph
  private let loops: Once<LoopKernel>
  private let flatLoops: Once<FlatKernel?>
  /// The sizes that may have loops of their own for calls in which they are 1.
  private let runs: [String]

  /// - Parameters:
  ///   - kernel: the loops. What is never called need not be scheduled.
  ///   - flat: the loops for calls in which an innermost axis has one place, one of `runs`.
  package init(
    direction: Direction, phase: CallPhase, event: String? = nil, step: RankStep? = nil,
    formulas: Graph, graph: Graph, kernel: Once<LoopKernel>, flat: Once<FlatKernel?>,
    runs: [String]
  ) {
    self.direction = direction
    self.phase = phase
    self.event = event
    self.step = step
    self.formulas = formulas
    self.graph = graph
    loops = kernel
    flatLoops = flat
    self.runs = runs
  }

  /// The loops, which are made when they are first asked for.
  package var kernel: LoopKernel { loops.value }

  /// Makes the loops, unless some thread has begun to.
  package func schedule() { loops.begin() }

  /// The loops for calls in which an innermost axis has one place, made as above.
  package var flat: FlatKernel? { runs.isEmpty ? nil : flatLoops.value }

  /// The size for whose place alone the function has loops of its own, in a call with these sizes.
  package func unit(_ size: (String) -> Int?) -> String? {
    guard runs.contains(where: { size($0) == 1 }), let flat, size(flat.size) == 1 else {
      return nil
    }
    return flat.size
  }

  /// The function for calls in which `unit` has one place, or in its general form; `nil` if it has
  /// no loops for that.
  package func alone(where unit: String?) -> CompiledFunction? {
    var kernel = loops
    if let unit {
      guard let flat, flat.size == unit else { return nil }
      kernel = Once { flat.kernel }
    }
    return CompiledFunction(
      direction: direction, phase: phase, event: event, step: step, formulas: formulas,
      graph: graph, kernel: kernel, flat: flatLoops, runs: [])
  }

  /// What its names in C begin with, after the prefix of the file: `forward`, `backward_eval`,
  /// `event_finish`, `forward_1`.
  package var name: String {
    event.map { "event_" + $0 } ?? callName + (step.map { "_\($0.number)" } ?? "")
  }

  /// The name of all steps together.
  package var callName: String { direction.rawValue + (phase == .eval ? "_eval" : "") }
}

/// The loops of a function without an axis that has one place.
package struct FlatKernel: Sendable {
  /// The size that is 1.
  package var size: String
  package var kernel: LoopKernel

  package init(size: String, kernel: LoopKernel) {
    self.size = size
    self.kernel = kernel
  }
}

/// A step of a function that several processes compute together.
package struct RankStep: Sendable {
  /// Counts from 1.
  package var number: Int
  /// All cuts of the function; the k-th stands behind the k-th step.
  package var cuts: [RankCut]

  package init(number: Int, cuts: [RankCut]) {
    self.number = number
    self.cuts = cuts
  }

  /// `true` iff it makes no partial results.
  package var isLast: Bool { number > cuts.count }
}
