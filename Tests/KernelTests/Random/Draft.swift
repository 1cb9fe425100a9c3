/// An expression with what the generator knows of it.
struct Draft {
  var piece: Piece
  /// Atoms along which it may differ.
  var axes: Set<String>
  /// Bounds of the elements.
  var low: Double
  var high: Double

  init(_ piece: Piece, _ axes: Set<String>, _ bounds: [Double]) {
    self.piece = piece
    self.axes = axes
    let numbers = bounds.map { $0.isNaN ? .infinity : $0 }
    low = numbers.contains(.infinity) ? -.infinity : numbers.min() ?? 0
    high = numbers.max() ?? 0
  }

  var magnitude: Double { max(abs(low), abs(high)) }
}

/// A condition with its axes.
struct ConditionDraft {
  var piece: Piece
  var axes: Set<String>
}
