/// Norms whose rows have no statistics: their gradients alone are sums over rows.
enum ElementwiseNorms {
  static let shift = """
    norm shift(x[N, C]) -> y {
      param a[C] = 0.5, b[C] = 1
      y = x * a + b
    }
    """

  /// Adds to its sum where a condition holds.
  static let rectifier = """
    norm rectifier(x[N, C]) -> y {
      param a[C] = 0.25
      y = max(x, a * x)
    }
    """
}
