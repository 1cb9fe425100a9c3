/// What a caller chooses when a norm is compiled.
public struct Options: Hashable, Sendable {
  /// A type that arrays are stored in. Those of 16 bits are computed in float32.
  public enum Scalar: String, Hashable, CaseIterable, Sendable {
    case float32 = "f32"
    case float64 = "f64"
    case bfloat16 = "bf16"
    case float16 = "f16"
  }

  /// A function that is derived from the forward.
  public enum Derivative: String, Hashable, CaseIterable, Sendable {
    /// The backward: gradients by tensors and parameters, given those by the outputs.
    case vjp
    /// Forward mode: the derivatives of the outputs in a direction of tensors and parameters.
    case jvp
    /// The backward of the backward: given gradients by what it makes, those by what it reads.
    case vjp2
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
  /// The functions that are derived from the forward.
  public var derivatives: Set<Derivative> = [.vjp]
  /// What the C names begin with; `nil` is the name of the norm.
  public var prefix: String?

  public init() {}
}
