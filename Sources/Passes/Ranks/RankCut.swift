import TensorIR

/// What processes tell each other between two steps of a function.
package struct RankCut: Hashable, Sendable {
  package var entries: [PartialResult]

  package init(_ entries: [PartialResult] = []) { self.entries = entries }
}

/// One value of all processes: arrays of float64 that each process makes of its own elements, and
/// that are merged in the order of ranks.
package struct PartialResult: Hashable, Sendable {
  package var kind: Kind
  /// The names of its arrays, in order: one, or of moments count, mean and squares.
  package var arrays: [String]
  /// The axes of each array, in the order of memory.
  package var axes: [Int]

  package enum Kind: String, Hashable, CaseIterable, Sendable {
    /// Added up.
    case sum
    case maximum = "max"
    case minimum = "min"
    /// A number of elements, their mean and the sum of their squared deviations from it.
    case moments
  }
}

/// A function over ranks as steps: graphs without the axis `ranks`.
package struct RankSteps: Sendable {
  /// One more than there are cuts: the k-th makes the partial results of the k-th cut; the last one
  /// commits the states.
  package var graphs: [Graph]
  package var cuts: [RankCut]
}
