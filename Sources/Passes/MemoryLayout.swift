import Syntax

/// The order in memory of the axes of each value of a norm.
package struct MemoryLayout {
  private let norm: CheckedNorm
  /// The orders that the caller chose, by name of the value: names of dimensions, slowest first.
  private let layouts: [String: [String]]

  package init(_ norm: CheckedNorm, _ layouts: [String: [String]]) {
    self.norm = norm
    self.layouts = layouts
  }

  /// The dimensions of a value in the order of memory.
  package func dimensions(of id: ValueID) -> [Dimension] {
    let value = norm.values[id.index]
    if let layout = layouts[value.name] { return ordered(value.dimensions, layout) }
    guard !layouts.isEmpty, norm.outputs.contains(id) else { return value.dimensions }
    // An output lies as the first tensor with the same axes does.
    let own = Set(value.axes)
    let like = norm.values.indices.first { index in
      guard case .tensor = norm.values[index].kind else { return false }
      return Set(norm.values[index].axes) == own
    }
    guard let like, let layout = layouts[norm.values[like].name] else { return value.dimensions }
    return ordered(value.dimensions, layout)
  }

  /// The atoms of a value in the order of memory, as indices of axes.
  func axes(of id: ValueID) -> [Int] {
    dimensions(of: id).flatMap(\.axes).map(\.index)
  }

  /// `dimensions` in the order of `names`; as they are where the names are not theirs.
  private func ordered(_ dimensions: [Dimension], _ names: [String]) -> [Dimension] {
    let found = names.compactMap { name in dimensions.first { $0.name == name } }
    return found.count == dimensions.count && names.count == found.count ? found : dimensions
  }
}
