import Syntax

/// Sizes at which kernels tend to break: nothing, one, both sides of a vector's and a step's
/// width, of a block's (64 segments) and of a cut's (4096 elements).
private let awkwardSizes = [0, 1, 2, 7, 8, 9, 15, 16, 17, 49, 64, 1000, 1023, 4099]

extension TestNorm {
  /// Each axis in turn at each awkward size beside small ones, all different.
  var awkwardSizes: [[String: Int]] {
    long.flatMap { axis in
      KernelTests.awkwardSizes.map { size in
        sizes { $0 == axis ? size : small($0, beside: size) }
      }
    }
  }

  /// Sizes that reach many blocks and parts: more than 16 pieces of a run that is cut, and more
  /// than 16 blocks of whole segments.
  var vastSizes: [[String: Int]] {
    let middle = [5, 67, 71]
    return [sizes { $0 == long.last ? 70001 : 1 }, sizes { $0 == long.first ? 1100 : 3 }]
      + (0..<3).map { shift in sizes { middle[($0 + shift) % 3] } }
  }

  /// The sizes that are not divisors of others.
  private var long: [Int] {
    checked.sizes.indices.filter { index in
      !checked.axes.contains { axis in
        guard case .quotient(_, by: let part) = axis.extent else { return false }
        return part.index == index
      }
    }
  }

  /// A small size for an axis; the longer another axis is, the smaller.
  private func small(_ axis: Int, beside size: Int) -> Int {
    size < 1000 ? [3, 5, 2, 4][axis % 4] : [2, 3, 1, 2][axis % 4]
  }

  /// Sizes by name; `length` proposes that of an axis, of a split one that of its quotient.
  func sizes(_ length: (Int) -> Int) -> [String: Int] {
    var sizes = Dictionary(
      uniqueKeysWithValues: checked.sizes.indices.map { (checked.sizes[$0].name, length($0)) })
    for axis in checked.axes {
      guard case .quotient(let whole, by: let part) = axis.extent else { continue }
      let groups = 2 + (length(whole.index) % 2)
      sizes[checked.sizes[part.index].name] = groups
      sizes[checked.sizes[whole.index].name] = length(whole.index) * groups
    }
    return sizes
  }
}
