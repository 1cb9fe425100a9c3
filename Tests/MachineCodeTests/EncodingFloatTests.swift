import MachineCode
import Testing

/// Floating-point instructions, compared with GNU as.
@Suite struct EncodingFloatTests {
  @Test func arithmeticHasTheBytesOfGNU() throws {
    var cases = EncodingCases()
    for operation in FloatBinary.allCases {
      for element in FloatElement.allCases {
        for width in VectorWidth.allCases {
          let name = operation.name + element.suffix(width)
          var family = VectorFamily(
            vex: name, evex: name, widths: [width], broadcast: element.byteCount)
          if operation == .scale { family.vex = nil }
          family.add(to: &cases) {
            $0.float(operation, element, $1.width, $1.a, $1.b, $1.last, $1.masking)
          }
        }
      }
    }
    try cases.expectTheBytesOfGNU(atLeast: 20_000)
  }

  @Test func packedOperationsHaveTheBytesOfGNU() throws {
    var cases = EncodingCases()
    for operation in PackedBinary.allCases {
      for element in FloatElement.allCases {
        let name = operation.name + element.suffix(.xmm)
        var family = VectorFamily(vex: name, evex: name, broadcast: element.byteCount)
        if operation == .permute { family.widths = [.ymm, .zmm] }
        if operation == .permute && element == .float64 { family.vex = nil }
        if operation == .permuteTwo { family.vex = nil }
        family.add(to: &cases) {
          $0.packed(operation, element, $1.width, $1.a, $1.b, $1.last, $1.masking)
        }
      }
    }
    try cases.expectTheBytesOfGNU(atLeast: 5_000)
  }

  @Test func operationsOnOneOperandHaveTheBytesOfGNU() throws {
    var cases = EncodingCases()
    for operation in FloatUnary.allCases {
      for element in FloatElement.allCases {
        let name = operation.name + element.suffix(.xmm)
        let scalarName = operation.name + element.suffix(.scalar)
        let hasVEX = operation == .squareRoot
        let family = VectorFamily(
          vex: hasVEX ? name : nil, evex: name, broadcast: element.byteCount, operands: .two)
        family.add(to: &cases) {
          $0.float(operation, element, $1.width, $1.a, $1.last, $1.masking)
        }
        let scalar = VectorFamily(
          vex: hasVEX ? scalarName : nil, evex: scalarName, widths: [.scalar])
        scalar.add(to: &cases) {
          $0.float(operation, element, $1.a, upper: $1.b, $1.last, $1.masking)
        }
      }
    }
    try cases.expectTheBytesOfGNU(atLeast: 1_000)
  }

  @Test func roundingHasTheBytesOfGNU() throws {
    var cases = EncodingCases()
    for rounding in Rounding.allCases {
      for element in FloatElement.allCases {
        let suffix = element.suffix(.xmm)
        let family = VectorFamily(
          vex: "vround" + suffix, evex: "vrndscale" + suffix, broadcast: element.byteCount,
          operands: .two, number: rounding.rawValue)
        family.add(to: &cases) {
          $0.round(rounding, element, $1.width, $1.a, $1.last, $1.masking)
        }
        let scalarSuffix = element.suffix(.scalar)
        let scalar = VectorFamily(
          vex: "vround" + scalarSuffix, evex: "vrndscale" + scalarSuffix, widths: [.scalar],
          number: rounding.rawValue)
        scalar.add(to: &cases) {
          $0.round(rounding, element, $1.a, upper: $1.b, $1.last, $1.masking)
        }
      }
    }
    try cases.expectTheBytesOfGNU(atLeast: 2_000)
  }
}

extension VectorFamily.Case {
  /// The target.
  var a: VectorRegister { VectorRegister(target) }
  /// The second operand.
  var b: VectorRegister { VectorRegister(second) }
}

extension FloatElement {
  func suffix(_ width: VectorWidth) -> String {
    switch (self, width) {
    case (.float32, .scalar): "ss"
    case (.float64, .scalar): "sd"
    case (.float32, _): "ps"
    case (.float64, _): "pd"
    }
  }

  var byteCount: Int {
    switch self {
    case .float32: 4
    case .float64: 8
    }
  }
}

extension FloatBinary {
  fileprivate var name: String {
    switch self {
    case .add: "vadd"
    case .subtract: "vsub"
    case .multiply: "vmul"
    case .divide: "vdiv"
    case .minimum: "vmin"
    case .maximum: "vmax"
    case .fmadd132: "vfmadd132"
    case .fmadd213: "vfmadd213"
    case .fmadd231: "vfmadd231"
    case .fmsub132: "vfmsub132"
    case .fmsub213: "vfmsub213"
    case .fmsub231: "vfmsub231"
    case .fnmadd132: "vfnmadd132"
    case .fnmadd213: "vfnmadd213"
    case .fnmadd231: "vfnmadd231"
    case .fnmsub132: "vfnmsub132"
    case .fnmsub213: "vfnmsub213"
    case .fnmsub231: "vfnmsub231"
    case .scale: "vscalef"
    }
  }
}

extension PackedBinary {
  fileprivate var name: String {
    switch self {
    case .and: "vand"
    case .or: "vor"
    case .xor: "vxor"
    case .andNot: "vandn"
    case .unpackLow: "vunpckl"
    case .unpackHigh: "vunpckh"
    case .permuteInGroups: "vpermil"
    case .permute: "vperm"
    case .permuteTwo: "vpermi2"
    }
  }
}

extension FloatUnary {
  fileprivate var name: String {
    switch self {
    case .squareRoot: "vsqrt"
    case .exponent: "vgetexp"
    }
  }
}
