import TensorIR

/// The extents of a graph's axes, and where the elements of arrays over them lie.
///
/// An array over a set of axes has them in ascending order, the last one fastest.
struct ArraySpace {
  private let extents: [Int]
  /// Where the elements of one array are found, walking over another: by the two sets of axes.
  private var known: [[AxisSet]: [Int]] = [:]

  /// - Throws: if a size is missing or negative, or does not divide.
  init(_ axes: [GraphAxis], sizes: [String: Int]) throws(EvaluationError) {
    extents = try axes.map { (axis) throws(EvaluationError) in try length(axis.extent, sizes) }
  }

  /// How many places some axes have together; 1 for none.
  func count(_ axes: AxisSet) -> Int { count(axes.axes) }

  /// How many places a list of axes has; 1 for none.
  func count(_ axes: [Int]) -> Int { axes.reduce(1) { $0 * extents[$1] } }

  /// For each element of an array over `shape`, the place of its element in one over `own`.
  mutating func places(of own: AxisSet, over shape: AxisSet) -> [Int] {
    if let found = known[[own, shape]] { return found }
    let places = self.places(along: shape.axes, strides: strides(of: own.axes))
    known[[own, shape]] = places
    return places
  }

  /// For each element of an array over `shape`, its place where memory has the order `order`.
  func memoryPlaces(of shape: AxisSet, in order: [Int]) -> [Int] {
    places(along: shape.axes, strides: strides(of: order))
  }

  /// The places in an array over `shape` that walking along `axes` passes, from that of zeros.
  func walk(along axes: [Int], in shape: AxisSet) -> [Int] {
    places(along: axes, strides: strides(of: shape.axes))
  }

  /// The distance of neighbours along each axis in an array with the axes `order`; 0 for others.
  private func strides(of order: [Int]) -> [Int] {
    var strides = Array(repeating: 0, count: extents.count)
    var stride = 1
    for axis in order.reversed() {
      strides[axis] = stride
      stride *= extents[axis]
    }
    return strides
  }

  private func places(along axes: [Int], strides: [Int]) -> [Int] {
    var places = [0]
    for axis in axes {
      let (extent, stride) = (extents[axis], strides[axis])
      places = places.flatMap { place in (0..<extent).map { place + $0 * stride } }
    }
    return places
  }
}

/// How long an axis is.
private func length(
  _ extent: AxisExtent, _ sizes: [String: Int]
) throws(EvaluationError) -> Int {
  switch extent {
  case .fixed(let length): return length
  case .size(let name):
    guard let size = sizes[name], size >= 0 else {
      throw EvaluationError("the size \(name) is missing or negative")
    }
    return size
  case .quotient(let whole, let part):
    let (dividend, divisor) = (try length(whole, sizes), try length(part, sizes))
    guard divisor > 0, dividend % divisor == 0 else {
      throw EvaluationError("\(dividend) is no multiple of \(divisor)")
    }
    return dividend / divisor
  case .ranks: throw EvaluationError("several processes are evaluated one by one")
  case .product(let factors):
    var product = 1
    for factor in factors { product *= try length(factor, sizes) }
    return product
  }
}
