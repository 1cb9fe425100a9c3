import CCode
import LoopIR

// How the function of a region refers to what the call gives: sizes, arrays and parameters.

extension LoopKernel {
  /// The names in C of the sizes that the call gives, in order of the axes.
  var sizeNames: [String] {
    var names: [String] = []
    for axis in axes {
      for name in axis.extent.sizeNames where !names.contains(name) { names.append(name) }
    }
    return names
  }
}

extension ArrayDimension.Extent {
  /// The names in C of the sizes that it is made of.
  var sizeNames: [String] {
    switch self {
    case .size(let name): [sizeNameInC(name)]
    case .fixed: []
    case .quotient(let whole, let part): whole.sizeNames + part.sizeNames
    case .product(let factors): factors.flatMap(\.sizeNames)
    }
  }
}

extension Buffer {
  /// How a region function refers to it.
  func array(in kernel: LoopKernel) -> CExpression { .name(arrayName(in: kernel)) }

  /// The variable of a region function that points to it: `y_array` where values may be called `y`.
  func arrayName(in kernel: LoopKernel) -> String {
    guard role == .output || kernel.scalars.contains(where: { $0.name == name }) else {
      return name
    }
    var own = name + "_array"
    while kernel.buffers.contains(where: { $0.name == own })
      || kernel.scalars.contains(where: { $0.name == own })
      || kernel.parameters.contains(where: { $0.name == own })
    {
      own += "_"
    }
    return own
  }

  /// A pointer to its elements, which are only read if it is an input.
  func pointerType(_ type: ComputeType) -> CType {
    let element = element.cType(type)
    return role == .input ? .pointer(toConst: element) : .pointer(to: element)
  }
}

extension Parameter {
  var cType: CType {
    switch kind {
    case .number: .double
    case .flag: .bool
    case .counter: .named("int64_t")
    }
  }
}
