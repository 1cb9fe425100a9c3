import Foundation
import LoopIR

/// What a program needs to know to call a compiled norm: `KernelInterface` as JSON.
package struct Manifest: Codable, Equatable, Sendable {
  /// The version of this form, raised when a field changes its meaning.
  package var format = 1
  package var norm: String
  package var prefix: String
  /// What tensors and outputs are stored in: `f32`, `f64`, `bf16` or `f16`.
  package var type: String
  package var sizes: [Size]
  /// The name of the function that tells the bytes of workspace.
  package var workspace: String
  /// The name of the function that gives a status its text.
  package var statusText: String
  package var functions: [Function]
  /// What several processes compute together; absent where each computes alone.
  package var ranked: [Ranked]?

  /// A size that a caller gives.
  package struct Size: Codable, Equatable, Sendable {
    package var name: String
    /// The size where a caller has no other; absent for axes of the head.
    package var standard: Int?
    /// `true` iff it is the product of a run of dimensions.
    package var isRun: Bool
  }

  /// A C function.
  package struct Function: Codable, Equatable, Sendable {
    package var symbol: String
    package var direction: String
    package var phase: String
    /// The event that the function is; absent for the calls of a norm.
    package var event: String?
    /// In the order of the C function.
    package var arguments: [Argument]
  }

  /// A function that several processes compute together: its steps in order.
  package struct Ranked: Codable, Equatable, Sendable {
    package var direction: String
    package var phase: String
    package var steps: [Function]
    /// What stands between steps, one less than there are.
    package var cuts: [Cut]
  }

  /// How partial results are gathered and merged between two steps.
  package struct Cut: Codable, Equatable, Sendable {
    /// The name of the function that tells the bytes of partial results.
    package var bytes: String
    /// The name of the function that merges them.
    package var merge: String
    /// The argument of later steps that takes what was merged.
    package var argument: String
  }

  /// An argument of a C function.
  package struct Argument: Codable, Equatable, Sendable {
    package var name: String
    /// The name in the source that it belongs to: `phi` for `next_phi`.
    package var subject: String
    package var role: String
    /// The type in C, of the argument or of its elements.
    package var type: String
    /// What the bits of a `uint16_t` are: `bf16` or `f16`; absent for all else.
    package var format: String?
    /// `value`, or what is done to the array that it points to: `read` or `write`.
    package var access: String
    /// The dimensions of the array, slowest first; absent for what is passed by value.
    package var shape: [Axis]?
  }

  /// One dimension of an array.
  package struct Axis: Codable, Equatable, Sendable {
    package var name: String
    /// Its size in terms of the arguments: `C`, `C / G`, `64`.
    package var extent: String
    package var isRun: Bool
  }
}

extension Manifest {
  package init(_ interface: KernelInterface) {
    self.init(
      norm: interface.norm, prefix: interface.prefix, type: interface.dataName,
      sizes: interface.sizes.map {
        Size(name: $0.name, standard: $0.standard, isRun: $0.isRun)
      },
      workspace: interface.workspaceSymbol, statusText: interface.statusTextSymbol,
      functions: interface.functions.map { Function($0, interface.type) },
      ranked: interface.ranked.isEmpty
        ? nil : interface.ranked.map { Ranked($0, interface.type) })
  }

  /// The text of a manifest's file: the same for the same interface, byte for byte.
  package func json() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(self), as: UTF8.self) + "\n"
  }
}

extension Manifest.Ranked {
  fileprivate init(_ function: RankedFunction, _ type: ComputeType) {
    self.init(
      direction: function.direction.rawValue, phase: function.phase.rawValue,
      steps: function.steps.map { Manifest.Function($0, type) },
      cuts: function.cuts.map {
        Manifest.Cut(bytes: $0.byteCountSymbol, merge: $0.mergeSymbol, argument: $0.argument)
      })
  }
}

extension Manifest.Function {
  fileprivate init(_ function: KernelFunction, _ type: ComputeType) {
    self.init(
      symbol: function.symbol, direction: function.direction.rawValue,
      phase: function.phase.rawValue, event: function.event,
      arguments: function.arguments.map { argument in
        Manifest.Argument(
          name: argument.name, subject: argument.subject, role: argument.role.rawValue,
          type: argument.type.name(in: type), format: argument.type.format,
          access: argument.access(in: function.direction),
          shape: argument.shape?.map {
            Manifest.Axis(name: $0.name, extent: $0.text, isRun: $0.isRun)
          })
      })
  }
}

extension KernelArgument.ElementType {
  /// The type in C.
  fileprivate func name(in type: ComputeType) -> String {
    switch self {
    case .real:
      switch type {
      case .float32: "float"
      case .float64: "double"
      }
    case .bfloat16, .float16: "uint16_t"
    case .double: "double"
    case .mask: "uint8_t"
    case .int64: "int64_t"
    case .size: "size_t"
    case .bool: "bool"
    case .bytes: "void"
    case .executor: "normgen_executor"
    }
  }

  /// The format of numbers of 16 bits.
  fileprivate var format: String? {
    switch self {
    case .bfloat16: "bf16"
    case .float16: "f16"
    case .real, .double, .mask, .int64, .size, .bool, .bytes, .executor: nil
    }
  }
}

extension KernelInterface {
  /// The type of tensors, as options name it.
  fileprivate var dataName: String { data.format ?? type.rawValue }
}

extension KernelArgument {
  fileprivate func access(in direction: Direction) -> String {
    switch role {
    case .size, .counter, .scalar, .eventArgument: "value"
    case .tensor, .outputGradient, .tangent, .gradientAdjoint, .mask, .index, .parameter, .state,
      .executor, .merged:
      "read"
    case .nextState, .nextCounter, .output, .gradient, .outputTangent, .outputGradientAdjoint,
      .workspace, .partials:
      "write"
    case .saved:
      switch direction {
      case .forward: "write"
      // What has no axes is handed back by value.
      case .backward, .jvp, .vjp2: shape == nil ? "value" : "read"
      }
    }
  }
}

extension ArrayDimension {
  /// Its size in terms of the arguments.
  fileprivate var text: String {
    extents.map { extent in
      let isProduct = if case .quotient = extent { extents.count > 1 } else { false }
      return isProduct ? "(\(extent.formula))" : extent.formula
    }.joined(separator: " * ")
  }
}
