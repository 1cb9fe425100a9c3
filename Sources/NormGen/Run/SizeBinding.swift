import Syntax

/// The sizes of a call as files and arguments give them, one after the other; each must agree with
/// those before.
struct SizeBinding {
  private let norm: CheckedNorm
  /// The size of each axis that is known, and who says so.
  private var sizes: [String: (extent: Int, origin: String)] = [:]
  /// The dimensions that each run stands for, and the file that says so.
  private var runs: [String: (shape: [Int], origin: String)] = [:]
  /// Dimensions that are parts of a split axis: they can be checked only at the end.
  private var parts: [(dimension: Dimension, extent: Int, file: String)] = []

  /// Starts with the sizes that the caller gives by name.
  init(_ norm: CheckedNorm, given: [String: Int]) throws(InputError) {
    self.norm = norm
    for (name, extent) in given.sorted(by: { $0.key < $1.key }) {
      try norm.checkSize(name, extent)
      sizes[name] = (extent, "--size \(name)=\(extent)")
    }
  }

  /// Takes over what the shape of the array in `file` says about the axes of `value`.
  ///
  /// A shape with more dimensions than `value` has axes gives the surplus to the run.
  mutating func bind(
    _ shape: [Int], to value: Value, file: String
  ) throws(InputError) {
    let dimensions = value.dimensions
    let surplus = shape.count - dimensions.count
    let hasRun = dimensions.contains(where: \.isRun)
    guard hasRun ? surplus >= -1 : surplus == 0 else {
      throw .wrongRank(file, shape, value)
    }
    var rest = shape[...]
    for dimension in dimensions {
      let own = rest.prefix(dimension.isRun ? surplus + 1 : 1)
      rest = rest.dropFirst(own.count)
      try bind(Array(own), to: dimension, of: value, file: file)
    }
  }

  private mutating func bind(
    _ shape: [Int], to dimension: Dimension, of value: Value, file: String
  ) throws(InputError) {
    let name = dimension.name
    guard let extent = product(shape) else {
      throw InputError("\(file): has more elements than can be addressed")
    }
    guard norm.sizes.contains(where: { $0.name == name }) else {
      parts.append((dimension, extent, file))
      return
    }
    if let known = sizes[name], known.extent != extent {
      throw .disagreement(file, value, axis: name, extent, known.extent, known.origin)
    }
    sizes[name] = sizes[name] ?? (extent, file)
    guard dimension.isRun else { return }
    if let known = runs[name], known.shape != shape {
      throw InputError(
        "\(file): has \(text(shape)) where \(value.signature) has \(name);"
          + " expected \(text(known.shape)), as in \(known.origin)")
    }
    runs[name] = (shape, file)
  }

  /// The sizes of the call; an axis that nobody named has its standard size, and one that is not
  /// `needed` some size. Without such a set all are.
  func complete(needed: Set<SizeID>? = nil) throws(InputError) -> CallSizes {
    var extents: [Int] = []
    for (place, size) in norm.sizes.enumerated() {
      let any = needed?.contains(SizeID(place)) == false ? 1 : nil
      guard let extent = sizes[size.name]?.extent ?? size.standard ?? any else {
        throw InputError("nothing gives the size of \(size.name); give --size \(size.name)=N")
      }
      extents.append(extent)
    }
    let result = try CallSizes(norm, extents: extents, runs: runs.mapValues(\.shape))
    for (dimension, extent, file) in parts {
      let expected = result.extent(dimension)
      guard extent == expected else {
        throw InputError(
          "\(file): has \(extent) elements along \(dimension.name); expected \(expected)")
      }
    }
    return result
  }
}

extension CheckedNorm {
  /// The sizes of a call for which they alone are given; the others have their standard sizes.
  ///
  /// - Throws: `InputError` if one is missing, unknown or does not fit the others.
  package func callSizes(given: [String: Int]) throws(InputError) -> CallSizes {
    try SizeBinding(self, given: given).complete()
  }
}

extension Value {
  /// The value as a head writes it: `x[N..., C]`.
  package var signature: String {
    guard !dimensions.isEmpty else { return name }
    return name + "["
      + dimensions.map { $0.isRun ? $0.name + "..." : $0.name }.joined(separator: ", ") + "]"
  }
}

extension InputError {
  fileprivate static func wrongRank(
    _ file: String, _ shape: [Int], _ value: Value
  ) -> InputError {
    let count = value.dimensions.count
    let hasRun = value.dimensions.contains(where: \.isRun)
    let least = hasRun ? count - 1 : count
    let expected = "\(hasRun ? "at least " : "")\(least) dimension\(least == 1 ? "" : "s")"
    return InputError(
      "\(file): has the shape \(text(shape)); expected \(expected) for \(value.signature)")
  }

  fileprivate static func disagreement(
    _ file: String, _ value: Value, axis: String, _ extent: Int, _ expected: Int,
    _ origin: String
  ) -> InputError {
    InputError(
      "\(file): has \(extent) elements along \(axis) of \(value.signature);"
        + " expected \(expected), as in \(origin)")
  }
}

/// The product of some extents, or `nil` if it is too large.
func product(_ extents: [Int]) -> Int? {
  var result = 1
  for extent in extents {
    let (product, overflow) = result.multipliedReportingOverflow(by: extent)
    // With a zero among the others nothing would be too large, but nothing could be computed.
    if overflow { return nil }
    result = product
  }
  return result
}

/// The text of a shape as NumPy writes it: `(3,)`.
func text(_ shape: [Int]) -> String {
  shape.count == 1 ? "(\(shape[0]),)" : "(" + shape.map(String.init).joined(separator: ", ") + ")"
}
