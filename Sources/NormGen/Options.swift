import LoopIR
import MachineCode
import Passes

/// What a caller chooses when a norm is compiled.
public struct Options: Hashable, Sendable {
  /// A type that arrays are stored in. Those of 16 bits are computed in float32.
  public enum Scalar: String, Hashable, CaseIterable, Sendable {
    case float32 = "f32"
    case float64 = "f64"
    case bfloat16 = "bf16"
    case float16 = "f16"
  }

  /// The type of tensors and outputs, and of their gradients.
  public var type: Scalar = .float32
  /// The type of parameters and their gradients, and of states; `nil` is the type that is computed
  /// in: float64 beside float64, else float32.
  public var parameters: Scalar?
  /// Sizes that are fixed, by axis, from 1 to 2^31; they leave the signatures of the kernels.
  public var sizes: [String: Int] = [:]
  /// Scalars that are fixed, by name; they leave the signatures. A condition is 0 or 1.
  public var settings: [String: Double] = [:]
  /// The order in memory, by tensor, of its axes' names, slowest first.
  public var layouts: [String: [String]] = [:]
  /// What the C names begin with; `nil` is the name of the norm.
  public var prefix: String?

  public init() {}
}

/// A norm in C.
package struct CompiledNorm: Sendable {
  /// How the functions are called.
  package var interface: KernelInterface
  private let texts: Texts

  /// Where the texts come from.
  private enum Texts: Sendable {
    case given(GeneratedFiles)
    /// They are written when they are asked for: a kernel needs only one of them.
    case unwritten(FileCode)
  }

  package init(interface: KernelInterface, header: String, source: String, jitSource: String) {
    self.interface = interface
    texts = .given(GeneratedFiles(header: header, source: source, memory: jitSource))
  }

  package init(interface: KernelInterface, file: FileCode) {
    self.interface = interface
    texts = .unwritten(file)
  }

  /// The text of `NAME.h`.
  package var header: String {
    switch texts {
    case .given(let files): files.header
    case .unwritten(let file): file.header
    }
  }

  /// The text of `NAME.c`, which includes `NAME.h`.
  package var source: String {
    switch texts {
    case .given(let files): files.source
    case .unwritten(let file): file.source
    }
  }

  /// One self-contained text for TinyCC: no `#include`.
  ///
  /// - Parameter target: what lanes are compiled to machine code for; `nil` leaves them C.
  package func jitSource(for target: Target.InstructionSet?) -> String {
    switch texts {
    case .given(let files): files.memory
    case .unwritten(let file): target.map { file.memory(compiledFor: $0) } ?? file.memory
    }
  }

  /// The regions that stay C, with the reasons.
  package func regionsInC(for target: Target.InstructionSet) -> [String: Unsupported] {
    guard case .unwritten(let file) = texts else { return [:] }
    var reasons: [String: Unsupported] = [:]
    _ = file.memory(compiledFor: target) { reasons[$0] = $1 }
    return reasons
  }
}
