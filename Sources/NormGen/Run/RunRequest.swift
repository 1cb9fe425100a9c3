import LoopIR
import NumPyFormat
import Syntax

/// One call of a norm on arrays.
package struct RunRequest: Sendable {
  package var norm: CheckedNorm
  /// Its sizes and settings are given at the call; nothing is baked in.
  package var options: Options
  package var phase: CallPhase = .train
  /// The event to run instead of a call of the norm; its numbers are among the settings.
  package var event: String?
  package var gradients: Gradients = .none
  package var engine: RunEngine = .jit
  /// How many threads divide the work of a kernel.
  package var threads = 1
  /// Tensors, parameters, masks, states and counters by name, and `d_NAME` for each output where
  /// gradients are wanted.
  package var inputs: [Input] = []

  package init(_ norm: CheckedNorm, options: Options) {
    self.norm = norm
    self.options = options
  }

  /// Whether a run goes backward after it went forward.
  package enum Gradients: Sendable {
    case none, all
  }

  /// An array and where it comes from.
  package struct Input: Sendable {
    package var name: String
    /// What messages call it: a path.
    package var file: String
    package var array: NumPyArray

    package init(name: String, file: String, array: NumPyArray) {
      self.name = name
      self.file = file
      self.array = array
    }
  }
}

/// An array that a run gives back.
package struct NamedArray: Equatable, Sendable {
  package var name: String
  package var array: NumPyArray
}
