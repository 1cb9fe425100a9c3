import CCode
import LoopIR

/// What a sweep writes beside the caches, and what it fetches into them.
struct Streaming {
  /// What is written beside the caches where it is too large for them, if `stream` is true.
  var results: Set<BufferID> = []
  /// What it reads that is fetched ahead.
  var prefetch: Prefetch?
  /// What it writes that is fetched ahead, for a processor to own.
  var prefetchOfResults: Prefetch?

  /// What a sweep reads or writes at another place, or in another segment of its own, is fetched
  /// while it is at this one.
  struct Prefetch {
    /// The parameter of steps that says how many elements lie between, or 0.
    var parameter: String
    /// The innermost kept axis, or that of the segments.
    var axis: Int
    /// So many places lie between.
    var distance: CExpression
    /// Whether there is such a place, and to fetch it gains something; `nil` if nothing is fetched.
    var isWanted: CExpression?

    /// The same where nothing is fetched.
    var unwanted: Prefetch {
      Prefetch(parameter: parameter, axis: axis, distance: distance, isWanted: nil)
    }
  }
}

/// A parameter of a step function.
struct StepParameter {
  var parameter: CParameter
  /// What the region passes, for the first element of a run.
  var argument: CExpression
  var motion: Motion

  /// The parameters that the function of the pass has for it, and what the region passes.
  var ofPass: [(parameter: CParameter, argument: CExpression)] {
    switch motion {
    case .place, .live: []
    case .fixed, .along, .alongUnlessNull, .column, .slots, .row, .stream: [(parameter, argument)]
    case .bound: [(CParameter(.size, parameter.name), argument)]
    case .held(let beyond):
      [(parameter, argument), (CParameter(parameter.type, beyond), .name(beyond))]
    }
  }

  /// How what is passed changes from step to step.
  enum Motion: Hashable {
    case fixed
    /// A pointer that moves with the elements.
    case along
    case alongUnlessNull
    /// The place of the step in the run.
    case place
    /// How many elements are left, up to `SLOTS`.
    case live
    /// An array with an element for each column of the place.
    case column
    /// Slots, one for each column of the place.
    case slots
    /// Slots that are held: those of the first step, and under this name those of the second.
    case held(beyond: String)
    /// A row over which an array is spread, each element of which stands for several of the run:
    /// it begins at the first element of the pass.
    case row(Row)
    /// An element of the run: how many elements of the step lie before it, as a number.
    case bound
    /// `true` iff results bypass the caches: in whole steps alone.
    case stream
  }
}

/// A row of so many elements as a pass, over which an array is spread.
struct Row: Hashable {
  /// The array, whose own name the parameter has.
  var buffer: BufferID
  /// The axes of the run.
  var run: [Int]
  /// The first element of the array for the run.
  var values: CExpression
  /// How many elements of the run each of them stands for.
  var times: CExpression
  /// The function that spreads them.
  var function: String
  /// The name of the row in the function of the region.
  var name: String

  /// Fills the row for the elements from `first` to `last`.
  func fill(from first: CExpression, to last: CExpression) -> CStatement {
    let count = first == .size(0) ? last : .subtract(last, first)
    return .expression(.callVariant(function, [values, times, first, count, .name(name)]))
  }
}
