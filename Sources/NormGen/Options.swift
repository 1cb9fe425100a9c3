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

/// A norm in C.
package struct CompiledNorm: Sendable {
  /// How the functions are called.
  package var interface: KernelInterface
  private let texts: Texts

  /// Where the texts come from.
  private enum Texts: Sendable {
    case given(GeneratedFiles, MachineKernels?)
    /// They are written when they are asked for: a kernel needs only one of them.
    case unwritten(FileCode)
  }

  /// - Parameter kernels: what `jitSource` declares and does not define.
  package init(
    interface: KernelInterface, header: String, source: String, jitSource: String,
    kernels: MachineKernels? = nil
  ) {
    self.interface = interface
    texts = .given(GeneratedFiles(header: header, source: source, memory: jitSource), kernels)
  }

  package init(interface: KernelInterface, file: FileCode) {
    self.interface = interface
    texts = .unwritten(file)
  }

  /// The text of `NAME.h`.
  package var header: String {
    switch texts {
    case .given(let files, _): files.header
    case .unwritten(let file): file.header
    }
  }

  /// The text of `NAME.c`, which includes `NAME.h`.
  package var source: String {
    switch texts {
    case .given(let files, _): files.source
    case .unwritten(let file): file.source
    }
  }

  /// One self-contained text for TinyCC: no `#include`.
  package var jitSource: String {
    switch texts {
    case .given(let files, _): files.memory
    case .unwritten(let file): file.memory
    }
  }

  /// What is compiled in memory: a text for TinyCC, and the kernels that are not in it.
  ///
  /// - Parameter instructionSet: what the kernels are compiled to; `nil` leaves them C.
  package func inMemory(
    for instructionSet: Target.InstructionSet?
  ) -> (text: String, kernels: MachineKernels?) {
    switch texts {
    case .given(let files, let kernels): return (files.memory, kernels)
    case .unwritten(let file):
      let kernels = instructionSet.flatMap { MachineKernels(file, for: $0) }
      return (kernels == nil ? file.memory : file.memoryWithoutKernels, kernels)
    }
  }

  /// The kernels that stay C, with the reasons.
  package func kernelsInC(for target: Target.InstructionSet) -> [String: Unsupported] {
    guard let kernels = inMemory(for: target).kernels else { return [:] }
    var reasons: [String: Unsupported] = [:]
    for (index, name) in kernels.kernelNames.enumerated() {
      do throws(Unsupported) { _ = try kernels.code(of: index) } catch { reasons[name] = error }
    }
    return reasons
  }
}
