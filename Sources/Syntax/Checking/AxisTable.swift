import Basics

/// The axes of a norm, by the names that a user may write for them.
struct AxisTable {
  /// What `CheckedNorm.sizes` will be.
  var sizes: [Size] = []
  /// What `CheckedNorm.axes` will be.
  var axes: [Axis] = []
  /// Each name, of an atom or of a split axis, with the dimension it stands for.
  var entries: [String: Entry] = [:]
  /// The axes as the head and `axis` give them, split or not, in order.
  var wholes: [Dimension] = []
  var joins: [Join] = []
  /// Names whose mistake is reported already; using them says nothing more.
  var broken: Set<String> = []

  /// The axes that `group … as` joins, with the atoms that it splits them into.
  struct Join {
    var name: String
    /// The axes that are joined, slowest first.
    var parts: [AxisID]
    /// The atoms of the joined axis, slowest first.
    var atoms: [AxisID]
  }

  /// What a name of an axis stands for.
  struct Entry {
    var dimension: Dimension
    /// Where it was named first.
    var span: SourceSpan
    /// `true` iff an `axis` or `group` declares it.
    var isDeclared: Bool
  }

  /// The names in an order that does not depend on hashing.
  var names: [String] { entries.keys.sorted() }

  /// Returns `atoms` as dimensions, in the order of the head, then of declaration; the atoms of a
  /// split axis that are all there make one dimension.
  func dimensions(of atoms: [AxisID]) -> [Dimension] {
    let present = Set(atoms)
    return wholes.flatMap { whole -> [Dimension] in
      if whole.axes.allSatisfy(present.contains) { return [whole] }
      return whole.axes.filter(present.contains).map {
        Dimension(name: axes[$0.index].name, axes: [$0])
      }
    }
  }

  /// Returns the names of `atoms`: `C`, or `G, C/G`.
  func names(of atoms: [AxisID]) -> String {
    dimensions(of: atoms).map(\.name).joined(separator: ", ")
  }

  /// Returns `atoms` as messages show them: `[N, C]`.
  func show(_ atoms: [AxisID]) -> String {
    "[\(names(of: atoms))]"
  }
}
