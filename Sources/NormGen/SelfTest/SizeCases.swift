import Foundation
import Syntax

/// Sizes at which kernels tend to break: nothing, one, and both sides of a vector's width.
private let awkwardSizes = [0, 1, 2, 7, 8, 9, 15, 16, 17, 64, 1023]

/// Small sizes for the other axes, all different, so that a mix-up of axes shows.
private let smallSizes = [3, 2, 5, 4, 6]

/// Sizes at which kernels take many rows of some length together, those of the first two axes.
private let manyRows = [40, 33, 5, 4, 6]

extension CheckedNorm {
  /// Choices of sizes for a test, each axis in turn being of an awkward size; and one of many rows.
  /// Where an axis has no elements there are many rows of nothing along the others.
  ///
  /// - Parameter fixed: sizes that all choices have, by name.
  func awkwardSizeCases(fixed: [String: Int]) throws(InputError) -> [CallSizes] {
    var cases: [[Int]] = []
    for long in sizes.indices where !isDivisor(long) && fixed[sizes[long].name] == nil {
      for size in awkwardSizes {
        let others = size == 0 ? manyRows : smallSizes
        cases.append(sizeCase(fixed: fixed) { $0 == long ? size : others[$0 % 5] })
      }
    }
    cases.append(
      cases.isEmpty
        ? smallSizeCase(fixed: fixed)
        : sizeCase(fixed: fixed) { manyRows[$0 % 5] })
    var result: [CallSizes] = []
    for extents in cases { result.append(try CallSizes(self, extents: extents)) }
    return result
  }

  /// Choices of sizes, each axis in turn being long; none where all sizes are fixed.
  ///
  /// - Parameters:
  ///   - fixed: sizes that all choices have, by name.
  ///   - others: the size of all other axes.
  func longSizeCases(
    fixed: [String: Int], length: Int, others: Int
  ) throws(InputError) -> [CallSizes] {
    var result: [CallSizes] = []
    for long in sizes.indices where !isDivisor(long) && fixed[sizes[long].name] == nil {
      let extents = sizeCase(fixed: fixed) { $0 == long ? length : others }
      result.append(try CallSizes(self, extents: extents))
    }
    return result
  }

  /// One choice of small sizes.
  package func smallSizeCase(fixed: [String: Int]) -> [Int] {
    sizeCase(fixed: fixed) { smallSizes[$0 % 5] }
  }

  /// One choice of sizes at which tensors have some 100000 elements, so that threads share them.
  func largeSizeCase(fixed: [String: Int]) -> [Int] {
    let axisCount = sizes.indices.count { !isDivisor($0) }
    let length = Int(pow(100_000, 1 / Double(max(axisCount, 1))))
    return sizeCase(fixed: fixed) { length + $0 }
  }

  /// A choice in which each group divides its axis; `size` proposes the number of places of an
  /// axis, of a split one those of its quotient.
  private func sizeCase(fixed: [String: Int], _ size: (Int) -> Int) -> [Int] {
    var extents = sizes.indices.map { fixed[sizes[$0].name] ?? size($0) }
    for index in indexedSizes where fixed[sizes[index].name] == nil {
      // An index needs a place.
      extents[index] = max(1, extents[index])
    }
    for axis in axes {
      guard case .quotient(let whole, by: let part) = axis.extent else { continue }
      let isPartFixed = fixed[sizes[part.index].name] != nil
      if fixed[sizes[whole.index].name] != nil {
        // 1 divides everything.
        let divisors = [4, 3, 2, 1].filter { extents[whole.index] % $0 == 0 }
        if !isPartFixed { extents[part.index] = divisors.first ?? 1 }
      } else {
        if !isPartFixed { extents[part.index] = 2 }
        extents[whole.index] = size(whole.index) * extents[part.index]
      }
    }
    divideJoined(&extents, fixed: fixed)
    return extents
  }

  /// Gives groups of joined axes a size that divides their product.
  private func divideJoined(_ extents: inout [Int], fixed: [String: Int]) {
    for axis in axes {
      guard case .share(of: let parts, by: let part) = axis.extent,
        fixed[sizes[part.index].name] == nil
      else { continue }
      let product = parts.reduce(1) { $0 * extents[$1.index] }
      // 1 divides everything.
      extents[part.index] = [4, 3, 2, 1].first { product % $0 == 0 } ?? 1
    }
  }

  /// The sizes of the axes that an index counts along.
  private var indexedSizes: [Int] {
    values.flatMap { value -> [Int] in
      guard case .index(of: let axes) = value.kind else { return [] }
      return axes.compactMap { axis in
        if case .size(let size) = self.axes[axis.index].extent { size.index } else { nil }
      }
    }
  }

  /// `true` iff the size at `index` is one that another is divided by.
  private func isDivisor(_ index: Int) -> Bool {
    axes.contains { axis in
      switch axis.extent {
      case .quotient(_, by: let part), .share(of: _, by: let part): part.index == index
      case .size: false
      }
    }
  }
}
