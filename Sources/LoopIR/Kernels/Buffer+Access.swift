extension Buffer {
  /// How the elements lie along a run.
  package func access(along run: [Int]) -> Access {
    if !axes.contains(where: run.contains) { return .splat }
    return axes.suffix(run.count).elementsEqual(run) ? .contiguous : .scattered
  }

  package enum Access: Hashable, Sendable {
    /// One element for the whole run.
    case splat
    /// Side by side.
    case contiguous
    /// Somewhere: each is looked up.
    case scattered
  }
}
