/// The reductions whose result depends only on the set of elements, not on an order.
///
/// An element is nil where it is masked out. A NaN among the elements gives NaN; a result of
/// zero is +0.
extension CanonicalOrder {
  /// Returns the largest element; -infinity where there is none.
  package func maximum(_ element: (_ segment: Int, _ element: Int) -> Real?) -> Real {
    extreme(from: -Real.infinity, element, larger)
  }

  /// Returns the smallest element; infinity where there is none.
  package func minimum(_ element: (_ segment: Int, _ element: Int) -> Real?) -> Real {
    extreme(from: Real.infinity, element, smaller)
  }

  private func extreme(
    from start: Real,
    _ element: (_ segment: Int, _ element: Int) -> Real?,
    _ chosen: (Real, Real) -> Real
  ) -> Real {
    var result = start
    for segment in 0..<segments {
      for place in 0..<run {
        if let value = element(segment, place) { result = chosen(result, value) }
      }
    }
    // -0 + 0 is +0: it does not show which zero came first.
    return result + 0
  }
}

/// Returns the larger of two numbers; NaN if either is, the second of equals.
package func larger<Real: CanonicalReal>(_ a: Real, _ b: Real) -> Real {
  a > b || a.isNaN ? a : b
}

/// Returns the smaller of two numbers; NaN if either is, the second of equals.
package func smaller<Real: CanonicalReal>(_ a: Real, _ b: Real) -> Real {
  a < b || a.isNaN ? a : b
}
