import Syntax

/// How long each atomic axis is in one call.
struct Extents: Sendable {
  /// By `AxisID.index`.
  private let lengths: [Int]

  /// The extents that `sizes` give to the axes of `norm`.
  init(of norm: CheckedNorm, sizes: [String: Int]) throws(InterpreterError) {
    var given: [Int] = []
    for size in norm.sizes {
      guard let length = sizes[size.name] ?? size.standard else { throw .missingSize(size.name) }
      guard length >= 0 else { throw .negativeSize(size.name, length) }
      given.append(length)
    }
    var lengths: [Int] = []
    var places = 1
    for axis in norm.axes {
      let length = try Self.length(of: axis.extent, sizes: norm.sizes, given: given)
      lengths.append(length)
      let (product, overflow) = places.multipliedReportingOverflow(by: max(length, 1))
      guard !overflow else { throw .sizesTooLarge }
      places = product
    }
    self.lengths = lengths
  }

  /// The extent of one axis.
  subscript(axis: AxisID) -> Int { lengths[axis.index] }

  /// The number of places of some axes together; 1 for none.
  func count(_ axes: [AxisID]) -> Int {
    axes.reduce(1) { $0 * self[$1] }
  }

  /// For each place of `outer`, last axis fastest, the place of `inner` (part of `outer`, in any
  /// order) that it lies at.
  func places(of inner: [AxisID], over outer: [AxisID]) -> [Int] {
    var places = [0]
    for axis in outer {
      let extent = self[axis]
      let stride = stride(of: axis, in: inner)
      var finer: [Int] = []
      finer.reserveCapacity(places.count * extent)
      for start in places {
        for step in 0..<extent { finer.append(start + step * stride) }
      }
      places = finer
    }
    return places
  }

  /// How many elements of `axes` one step along `axis` passes; 0 if it is none of them.
  private func stride(of axis: AxisID, in axes: [AxisID]) -> Int {
    guard let place = axes.firstIndex(of: axis) else { return 0 }
    return count(Array(axes[(place + 1)...]))
  }

  /// The length that the sizes give to one extent.
  private static func length(
    of extent: Axis.Extent, sizes: [Size], given: [Int]
  ) throws(InterpreterError) -> Int {
    switch extent {
    case .size(let size):
      return given[size.index]
    case .quotient(let whole, let part):
      let length = given[whole.index]
      let divisor = given[part.index]
      guard divisor > 0, length % divisor == 0 else {
        throw .indivisible(
          sizes[whole.index].name, length, by: sizes[part.index].name, divisor)
      }
      return length / divisor
    case .share(let parts, let part):
      let divisor = given[part.index]
      let length = parts.reduce(1) { $0 * given[$1.index] }
      guard divisor > 0, length % divisor == 0 else {
        let names = parts.map { sizes[$0.index].name }.joined(separator: " * ")
        throw .indivisible(names, length, by: sizes[part.index].name, divisor)
      }
      return length / divisor
    }
  }
}
