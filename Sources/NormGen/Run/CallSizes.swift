import Syntax

/// As many as generated C takes in an array: all offsets in bytes are numbers of a pointer's size.
private let mostElements = Int.max / 1024

/// The sizes of one call of a norm.
package struct CallSizes: Sendable {
  private let norm: CheckedNorm
  /// In the order of `CheckedNorm.sizes`.
  package let extents: [Int]
  /// The dimensions that a run stands for, by name of the axis.
  package let runs: [String: [Int]]
  /// The length of each atom, in the order of `CheckedNorm.axes`.
  private let atoms: [Int]

  /// - Throws: `InputError` if a group does not divide its axis, or a value is too large.
  package init(
    _ norm: CheckedNorm, extents: [Int], runs: [String: [Int]] = [:]
  ) throws(InputError) {
    self.norm = norm
    self.extents = extents
    self.runs = runs
    var atoms: [Int] = []
    for axis in norm.axes {
      switch axis.extent {
      case .size(let id):
        atoms.append(extents[id.index])
      case .quotient(let whole, by: let part):
        let (size, divisor) = (extents[whole.index], extents[part.index])
        guard divisor > 0, size % divisor == 0 else {
          throw .indivisible(norm.sizes[whole.index], size, by: norm.sizes[part.index], divisor)
        }
        atoms.append(size / divisor)
      case .share(of: let parts, by: let part):
        let names = parts.map { norm.sizes[$0.index].name }.joined(separator: " * ")
        guard let size = product(parts.map { extents[$0.index] }) else {
          throw InputError("\(names) are more places than can be addressed")
        }
        let divisor = extents[part.index]
        guard divisor > 0, size % divisor == 0 else {
          throw .indivisible(Size(name: names), size, by: norm.sizes[part.index], divisor)
        }
        atoms.append(size / divisor)
      }
    }
    self.atoms = atoms
    for value in norm.values {
      let count = product(value.axes.map { atoms[$0.index] })
      if let count, count <= mostElements { continue }
      throw InputError("\(value.signature) has more elements than can be addressed")
    }
  }

  /// By name of the axis.
  package var byName: [String: Int] {
    Dictionary(zip(norm.sizes.map(\.name), extents)) { first, _ in first }
  }

  /// How long a dimension is.
  func extent(_ dimension: Dimension) -> Int { extent(dimension.axes) }

  /// How many places some atoms have together; 1 for none.
  package func extent(_ axes: [AxisID]) -> Int { axes.reduce(1) { $0 * atoms[$1.index] } }

  /// The shape of a value as a caller sees it: a run is its dimensions.
  package func shape(of value: Value) -> [Int] {
    value.dimensions.flatMap { dimension in
      dimension.isRun ? runs[dimension.name] ?? [extent(dimension)] : [extent(dimension)]
    }
  }

  /// The number of elements of a value.
  package func count(of value: Value) -> Int {
    value.dimensions.reduce(1) { $0 * extent($1) }
  }
}
