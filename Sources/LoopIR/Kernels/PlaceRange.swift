/// Which elements of a run are taken, by where they are: a stretch of them.
package struct PlaceRange: Hashable, Sendable {
  /// The axes of the place, slowest first, the first axes of the run last.
  package var axes: [Int]
  /// The first place, which need not be whole; wide. `nil` is that of the run.
  package var from: ScalarID?
  /// The last place, which need not be whole; wide. `nil` is that of the run.
  package var through: ScalarID?
  /// How a place is compared.
  package var comparison: Comparison

  package enum Comparison: Hashable, Sendable {
    case exact
    /// As a number of the kernel's type, to which large places are rounded.
    case rounded
  }

  package init(axes: [Int], from: ScalarID?, through: ScalarID?, comparison: Comparison) {
    self.axes = axes
    self.from = from
    self.through = through
    self.comparison = comparison
  }
}
