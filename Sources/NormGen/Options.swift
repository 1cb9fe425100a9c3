import LoopIR

/// What a caller chooses when a norm is compiled.
public struct Options: Hashable, Sendable {
  /// The type that tensors are stored in and kernels compute in.
  public enum Scalar: String, Hashable, CaseIterable, Sendable {
    case float32 = "f32"
    case float64 = "f64"
  }

  /// The type of tensors.
  public var type: Scalar = .float32
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
  /// The text of `NAME.h`.
  package var header: String
  /// The text of `NAME.c`, which includes `NAME.h`.
  package var source: String
  /// One self-contained text for TinyCC: no `#include`, scalar code.
  package var jitSource: String

  package init(interface: KernelInterface, header: String, source: String, jitSource: String) {
    self.interface = interface
    self.header = header
    self.source = source
    self.jitSource = jitSource
  }
}
