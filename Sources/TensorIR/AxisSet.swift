/// A set of axes of one graph: bit i stands for the axis `graph.axes[i]`.
package struct AxisSet: OptionSet, Hashable, Sendable {
  package let rawValue: UInt64
  package init(rawValue: UInt64) { self.rawValue = rawValue }

  /// How many axes a graph can have.
  package static let capacity = 64

  /// The set of the axes with these indices.
  package init(axes: [Int]) {
    var bits: UInt64 = 0
    for axis in axes { bits |= 1 << UInt64(axis) }
    rawValue = bits
  }

  /// The indices of the axes, ascending.
  package var axes: [Int] {
    var axes: [Int] = []
    var rest = rawValue
    while rest != 0 {
      axes.append(rest.trailingZeroBitCount)
      rest &= rest - 1
    }
    return axes
  }

  package var count: Int { rawValue.nonzeroBitCount }

  /// `true` iff the axis with the index `axis` is in the set.
  package func has(_ axis: Int) -> Bool { rawValue >> UInt64(axis) & 1 == 1 }
}
