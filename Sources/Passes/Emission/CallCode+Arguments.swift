import CCode
import LoopIR

/// What a function can answer.
struct StatusCode {
  let name: String
  let text: String

  static let done = StatusCode(name: "OK", text: "done")
  static let nullPointer = StatusCode(
    name: "NULL_POINTER", text: "an input that has elements, or the workspace, is NULL")
  static let badSize = StatusCode(
    name: "BAD_SIZE", text: "arrays of these sizes cannot be addressed")
  static let notDivisible = StatusCode(
    name: "NOT_DIVISIBLE", text: "a size does not divide the axis that it splits")
  static let badIndex = StatusCode(name: "BAD_INDEX", text: "an index is no place of its axis")
  static let badPartials = StatusCode(
    name: "BAD_PARTIALS",
    text: "partial results are of another spec, another step or other sizes")
}

extension KernelArgument {
  /// The parameter in C.
  func parameter(_ computeType: ComputeType) -> CParameter {
    let element: CType =
      switch type {
      case .real: computeType.cType
      case .bfloat16, .float16: .named("uint16_t")
      case .double: .double
      case .mask: .named("uint8_t")
      case .int64: .named("int64_t")
      case .size: .size
      case .bool: .bool
      case .bytes: .void
      case .executor: .named("normgen_executor")
      }
    guard shape != nil else { return CParameter(element, name, comment: comment) }
    return CParameter(
      isWritten ? .pointer(to: element) : .pointer(toConst: element), name, comment: comment)
  }

  private var isWritten: Bool {
    switch role {
    case .nextState, .nextCounter, .output, .gradient, .outputTangent, .outputGradientAdjoint,
      .workspace, .partials:
      true
    case .saved: note.hasPrefix("out")
    case .size, .tensor, .outputGradient, .tangent, .gradientAdjoint, .mask, .index, .parameter,
      .state, .counter, .scalar, .eventArgument, .executor, .merged:
      false
    }
  }

  /// Shape and note for the reader of the header.
  private var comment: String? {
    let axes = shape.flatMap { dimensions in
      dimensions.isEmpty || role == .workspace || role == .executor
        ? nil : "[" + dimensions.map(\.name).joined(separator: ", ") + "]"
    }
    let format: String? =
      switch type {
      case .bfloat16, .float16: type.rawValue
      case .real, .double, .mask, .int64, .size, .bool, .bytes, .executor: nil
      }
    let text = [axes, format, note.isEmpty ? nil : note].compactMap(\.self)
      .joined(separator: " ")
    return text.isEmpty ? nil : text
  }
}
