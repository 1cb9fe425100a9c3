/// The instruction set, and the number type, that lanes are compiled for.
package struct Target: Hashable, Sendable {
  package enum InstructionSet: String, CaseIterable, Sendable {
    case avx512, avx2
  }

  package enum Number: String, CaseIterable, Sendable {
    case float32, float64
  }

  package var instructionSet: InstructionSet
  package var number: Number

  package init(_ instructionSet: InstructionSet, _ number: Number) {
    self.instructionSet = instructionSet
    self.number = number
  }
}

extension Target {
  var element: Element { number == .float32 ? .float32 : .float64 }
  var integers: Element { number == .float32 ? .int32 : .int64 }
  var width: VectorWidth { instructionSet == .avx512 ? .zmm : .ymm }
  var vectorBytes: Int { instructionSet == .avx512 ? 64 : 32 }
  var lanes: Int { vectorBytes / element.byteCount }
  /// Where conditions of lanes are held.
  var maskClass: RegisterClass { instructionSet == .avx512 ? .mask : .vector }
}

extension VectorWidth {
  /// The width of half of the elements.
  var half: VectorWidth {
    switch self {
    case .scalar, .xmm, .ymm: .xmm
    case .zmm: .ymm
    }
  }
}

/// A construct that is not compiled to machine code: its function stays C.
package struct Unsupported: Error, Hashable, CustomStringConvertible {
  package let reason: String

  package init(_ reason: String) { self.reason = reason }

  package var description: String { reason }
}
