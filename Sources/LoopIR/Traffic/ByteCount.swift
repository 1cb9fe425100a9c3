/// A number of bytes as a formula over sizes: `4 * (2 N C + C) + T B`.
package struct ByteCount: Hashable, Sendable {
  /// In order of first appearance.
  package private(set) var terms: [Term] = []

  /// The bytes of some arrays of one shape.
  package struct Term: Hashable, Sendable {
    /// How many arrays, times the sizes that are fixed.
    package var count: Int
    /// The bytes of an element.
    package var element: Int
    /// The sizes that multiply, by name.
    package var factors: [String]
    /// The sizes that divide, by name.
    package var divisors: [String]
  }

  package init() {}

  /// The bytes of an array.
  package init(element: Int, extents: [ArrayDimension.Extent]) {
    var term = Term(count: 1, element: element, factors: [], divisors: [])
    for extent in extents { term.multiply(by: extent) }
    terms = [term]
  }

  package static func += (sum: inout ByteCount, other: ByteCount) {
    for term in other.terms {
      let same = sum.terms.firstIndex { $0.element == term.element && $0.hasShape(of: term) }
      if let same { sum.terms[same].count += term.count } else { sum.terms.append(term) }
    }
  }

  package var isEmpty: Bool { terms.allSatisfy { $0.count == 0 } }

  /// The number for sizes by name; `nil` if one is missing. Where a size does not divide, it is
  /// what the formula says.
  package func value(_ sizes: [String: Int]) -> Double? {
    var sum = 0.0
    for term in terms {
      guard let value = term.value(sizes) else { return nil }
      sum += value
    }
    return sum
  }

  /// The formula: elements of one size together, long products first; if all arrays have one
  /// shape, their bytes together.
  package var text: String {
    if let first = terms.first, terms.allSatisfy({ $0.hasShape(of: first) }) {
      var all = first
      all.count = terms.reduce(0) { $0 + $1.count * $1.element }
      return all.text(times: 1)
    }
    let elements = Set(terms.map(\.element)).sorted(by: >)
    let parts = elements.map { element in
      let group = terms.enumerated().filter { $0.element.element == element }
        .sorted {
          ($1.element.degree, $0.offset) < ($0.element.degree, $1.offset)
        }.map(\.element)
      if element == 1 { return group.map { $0.text(times: 1) }.joined(separator: " + ") }
      if let only = group.first, group.count == 1 { return only.text(times: element) }
      return "\(element) * (" + group.map { $0.text(times: 1) }.joined(separator: " + ") + ")"
    }
    return parts.isEmpty ? "0" : parts.joined(separator: " + ")
  }
}

extension ByteCount.Term {
  fileprivate var degree: Int { factors.count - divisors.count }

  fileprivate func hasShape(of other: Self) -> Bool {
    factors.sorted() == other.factors.sorted() && divisors.sorted() == other.divisors.sorted()
  }

  /// A group and the place in it are the axis that they split.
  fileprivate mutating func multiply(by extent: ArrayDimension.Extent) {
    switch extent {
    case .size(let name):
      if let found = divisors.firstIndex(of: name) {
        divisors.remove(at: found)
      } else {
        factors.append(name)
      }
    case .fixed(let size): count *= size
    case .product(let factors): for factor in factors { multiply(by: factor) }
    case .quotient(let whole, let part):
      multiply(by: whole)
      switch part {
      case .size(let name):
        if let found = factors.firstIndex(of: name) {
          factors.remove(at: found)
        } else {
          divisors.append(name)
        }
      // A quotient of a size and a number stays what it is: one factor.
      case .fixed, .quotient, .product: divisors.append(part.formula)
      }
    }
  }

  fileprivate func value(_ sizes: [String: Int]) -> Double? {
    var product = Double(count * element)
    for name in factors {
      guard let size = sizes[name] else { return nil }
      product *= Double(size)
    }
    for name in divisors {
      guard let size = sizes[name] ?? Int(name) else { return nil }
      product /= Double(size)
    }
    return product
  }

  fileprivate func text(times element: Int) -> String {
    let number = count * element
    let sizes = factors.joined(separator: " ") + divisors.map { " / " + $0 }.joined()
    if factors.isEmpty { return "\(number)\(sizes)" }
    return number == 1 ? sizes : "\(number) \(sizes)"
  }
}

extension ArrayDimension.Extent {
  /// Its length in terms of sizes: `C`, `C / G`, `64`.
  package var formula: String {
    switch self {
    case .size(let name): name
    case .quotient(let whole, by: let part): "\(whole.formula) / \(part.formula)"
    case .fixed(let size): String(size)
    case .product(let factors): factors.map(\.formula).joined(separator: " * ")
    }
  }
}
