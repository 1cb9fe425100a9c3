/// The formulas of norms and of their gradients, for the elements of one statistic: written from
/// the mathematics, element by element, as the oracle of the interpreter.
///
/// With `x^ = (x - mean) r`, `g` the adjoint of `x^`, and E the mean over the elements:
struct ClosedForm {
  let x: [Double]
  let g: [Double]

  private func mean(_ values: [Double]) -> Double {
    var sum = 0.0
    for value in values { sum += value }
    return sum / Double(values.count)
  }

  private func products(_ a: [Double], _ b: [Double]) -> [Double] {
    var products: [Double] = []
    for i in a.indices { products.append(a[i] * b[i]) }
    return products
  }

  /// `x - E x`
  var deviations: [Double] {
    let mean = mean(x)
    return x.map { $0 - mean }
  }

  /// `E (x - E x)^2`
  var variance: Double { mean(products(deviations, deviations)) }

  /// `r (g - E g - x^ E[g x^])` with `r = 1 / sqrt(variance + eps)`
  func centred(eps: Double) -> (output: [Double], gradient: [Double]) {
    let r = 1 / (variance + eps).squareRoot()
    let output = deviations.map { $0 * r }
    let (first, second) = (mean(g), mean(products(g, output)))
    return (output, g.indices.map { r * (g[$0] - first - output[$0] * second) })
  }

  /// `r (g - E g - x^ sum(g x^) / (n - 1))` with the unbiased variance
  func centredUnbiased(eps: Double) -> (output: [Double], gradient: [Double]) {
    let n = Double(x.count)
    let r = 1 / (variance * n / (n - 1) + eps).squareRoot()
    let output = deviations.map { $0 * r }
    let (first, second) = (mean(g), mean(products(g, output)) * n / (n - 1))
    return (output, g.indices.map { r * (g[$0] - first - output[$0] * second) })
  }

  /// `(g - E g - (x - mean) / s E[g x^]) / S` with `s = sqrt(variance)` and `S = s + eps`
  func centredOutside(eps: Double) -> (output: [Double], gradient: [Double]) {
    let root = variance.squareRoot()
    let output = deviations.map { $0 / (root + eps) }
    let (first, second) = (mean(g), mean(products(g, output)))
    let gradient = g.indices.map {
      (g[$0] - first - deviations[$0] / root * second) / (root + eps)
    }
    return (output, gradient)
  }

  /// `r (g - x^ E[g x^])` with `r = 1 / sqrt(E x^2 + eps)`
  func uncentred(eps: Double) -> (output: [Double], gradient: [Double]) {
    let r = 1 / (mean(products(x, x)) + eps).squareRoot()
    let output = x.map { $0 * r }
    let second = mean(products(g, output))
    return (output, g.indices.map { r * (g[$0] - output[$0] * second) })
  }

  /// `r g - (r m / n) (sum g + x^ sum(g x^))`: the statistics take only the `n` elements where the
  /// mask m is 1, the output is made everywhere.
  func masked(eps: Double, mask: [Double]) -> (output: [Double], gradient: [Double]) {
    let taken = x.indices.filter { mask[$0] == 1 }
    let inner = ClosedForm(x: taken.map { x[$0] }, g: [])
    let centre = inner.mean(inner.x)
    let r = 1 / (inner.variance + eps).squareRoot()
    let output = x.map { ($0 - centre) * r }
    let n = Double(taken.count)
    let (first, second) = (mean(g) * Double(x.count), mean(products(g, output)) * Double(x.count))
    let gradient = g.indices.map {
      r * g[$0] - r * mask[$0] / n * (first + output[$0] * second)
    }
    return (output, gradient)
  }

  /// `y (g - sum(g y))` of a softmax
  func softmax(exponentials: [Double]) -> (output: [Double], gradient: [Double]) {
    let sum = mean(exponentials) * Double(x.count)
    let output = exponentials.map { $0 / sum }
    let dot = mean(products(g, output)) * Double(x.count)
    return (output, g.indices.map { output[$0] * (g[$0] - dot) })
  }
}

/// Applies `form` to each group of places, and puts the results back in place.
func grouped(
  _ groups: [[Int]], x: [Double], g: [Double],
  _ form: (ClosedForm) -> (output: [Double], gradient: [Double])
) -> (output: [Double], gradient: [Double]) {
  var output = x.map { _ in 0.0 }
  var gradient = output
  for group in groups {
    let result = form(ClosedForm(x: group.map { x[$0] }, g: group.map { g[$0] }))
    for (i, place) in group.enumerated() {
      output[place] = result.output[i]
      gradient[place] = result.gradient[i]
    }
  }
  return (output, gradient)
}
