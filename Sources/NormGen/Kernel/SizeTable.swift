import LoopIR

/// The sizes of a call, checked.
struct SizeTable {
  private(set) var sizes: [String: Int]

  /// Takes what is given, else the standard sizes.
  ///
  /// - Parameter arrays: the lengths of arrays in elements, by argument. A size that is not given
  ///   and has no standard follows from an array in whose shape it alone is unknown.
  init(
    _ given: [String: Int], for function: KernelFunction, in interface: KernelInterface,
    arrays: [String: Int] = [:]
  ) throws(KernelError) {
    sizes = given
    let known = interface.sizes.map(\.name)
    for name in given.keys.sorted() where !known.contains(name) {
      throw .unknownSize(name, known: known)
    }
    for size in interface.sizes where given[size.name] == nil { sizes[size.name] = size.standard }
    infer(function, arrays)
    for size in interface.sizes {
      guard let number = sizes[size.name] else { throw .missingSize(size.name) }
      guard number >= 0 else { throw .negativeSize(size.name, number) }
    }
    for quotient in interface.quotients { _ = try extent(quotient) }
  }

  /// Takes what is given, else the standard sizes; others are missing until they are asked for.
  init(unchecked given: [String: Int], in interface: KernelInterface) {
    sizes = given
    for size in interface.sizes where given[size.name] == nil { sizes[size.name] = size.standard }
  }

  /// Finds sizes from the lengths of arrays, as long as one more is found.
  private mutating func infer(_ function: KernelFunction, _ arrays: [String: Int]) {
    var isProgress = true
    while isProgress {
      isProgress = false
      for argument in function.arguments {
        guard let length = arrays[argument.name], let shape = argument.shape,
          let (name, size) = solved(shape.flatMap(\.extents), length)
        else { continue }
        sizes[name] = size
        isProgress = true
      }
    }
  }

  /// The one unknown size among extents whose product is known, if it stands there by itself.
  private func solved(_ extents: [ArrayDimension.Extent], _ product: Int) -> (String, Int)? {
    var unknown: String?
    var rest = 1
    for extent in foldingQuotients(extents) {
      if case .size(let name) = extent, sizes[name] == nil {
        guard unknown == nil else { return nil }
        unknown = name
      } else {
        guard let number = try? self.extent(extent) else { return nil }
        let (next, overflows) = rest.multipliedReportingOverflow(by: number)
        guard !overflows else { return nil }
        rest = next
      }
    }
    guard let unknown, rest > 0, product % rest == 0 else { return nil }
    return (unknown, product / rest)
  }

  /// The extents with each pair of `G` and `C/G` as `C`.
  private func foldingQuotients(_ extents: [ArrayDimension.Extent]) -> [ArrayDimension.Extent] {
    var folded = extents
    for case .quotient(let whole, let part) in extents {
      guard let quotient = folded.firstIndex(of: .quotient(whole, by: part)) else { continue }
      guard let divisor = folded.firstIndex(of: part) else { continue }
      folded[quotient] = whole
      folded.remove(at: divisor)
    }
    return folded
  }

  /// The number of elements of an array; 1 where it has no axes.
  func length(_ shape: [ArrayDimension], of argument: String) throws(KernelError) -> Int {
    var extents: [Int] = []
    for dimension in shape {
      for extent in dimension.extents { extents.append(try self.extent(extent)) }
    }
    // Without elements nothing is addressed, however long the other axes are.
    guard !extents.contains(0) else { return 0 }
    var length = 1
    for extent in extents {
      let (next, overflows) = length.multipliedReportingOverflow(by: extent)
      guard !overflows else { throw .tooLarge(argument: argument) }
      length = next
    }
    return length
  }

  /// How long an axis is.
  func extent(_ extent: ArrayDimension.Extent) throws(KernelError) -> Int {
    switch extent {
    case .fixed(let number): return number
    case .size(let name):
      guard let size = sizes[name] else { throw .missingSize(name) }
      return size
    case .quotient(let whole, let part):
      let (dividend, divisor) = (try self.extent(whole), try self.extent(part))
      guard divisor > 0, dividend % divisor == 0 else {
        throw .notDivisible(text(whole), dividend, by: text(part), divisor)
      }
      return dividend / divisor
    case .product(let factors):
      var product = 1
      for factor in factors {
        let (next, overflows) = product.multipliedReportingOverflow(by: try self.extent(factor))
        guard !overflows else { throw .tooLarge(argument: text(extent)) }
        product = next
      }
      return product
    }
  }

  private func text(_ extent: ArrayDimension.Extent) -> String {
    switch extent {
    case .size(let name): name
    case .fixed(let number): String(number)
    case .quotient(let whole, let part): text(whole) + "/" + text(part)
    case .product(let factors): factors.map { text($0) }.joined(separator: " * ")
    }
  }
}
