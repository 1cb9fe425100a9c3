import CCode
import LoopIR

/// How a sweep writes results where they are too large for the caches, if `stream` is true.
struct Streaming {
  var results: Set<BufferID>
  /// The innermost kept axis: what is read at its next place is prefetched.
  var next: Int?
  /// How far away the next place is.
  var step: CExpression
}

/// A parameter of a step function.
struct StepParameter {
  var parameter: CParameter
  /// What the region passes, for the first element of a run.
  var argument: CExpression
  var motion: Motion

  /// What the function of the pass is given for it; `nil` if nothing.
  var ofPass: CParameter? {
    switch motion {
    case .place, .live: nil
    case .spread(let spread):
      CParameter(.pointer(toConst: spread.element), parameter.name)
    case .fixed, .along, .alongUnlessNull, .column, .slots, .stream, .times: parameter
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
    /// An array of which each element stands for several of the run. The pass spreads it over a
    /// row by a function, and the step is given the row.
    case spread(Spread)
    /// `true` iff results bypass the caches: in whole steps alone.
    case stream
    /// How many elements of the run an element of the array `spread` stands for: of the pass alone.
    case times
  }
}

/// How an array is spread over the elements of a pass.
struct Spread: Hashable {
  /// The type of its elements.
  var element: CType
  /// The function that does it.
  var function: String
  /// The name of the row.
  var row: String
  /// The name of how many elements of the run an element of the array stands for.
  var times: String
}
