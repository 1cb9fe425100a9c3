import LoopIR
import NormGen
import Syntax

/// A norm, how it is compiled, and on what it is called.
package struct NormCase: Sendable {
  package var norm: CheckedNorm
  /// The sizes and settings are those of the calls.
  package var options: Options
  package var phase: CallPhase = .train
  package var directions: [Direction] = [.forward]

  package init(_ norm: CheckedNorm, options: Options) {
    self.norm = norm
    self.options = options
  }

  /// What records call it: `layer_norm forward f32 N=64,C=768`.
  package func name(_ direction: Direction) -> String {
    let sizes = norm.sizes.compactMap { size in
      (options.sizes[size.name] ?? size.standard).map { "\(size.name)=\($0)" }
    }
    let layouts = options.layouts.sorted { $0.key < $1.key }.map {
      "\($0.key)[\($0.value.joined(separator: ","))]"
    }
    let evaluation = phase == .eval ? ["eval"] : []
    return
      ([norm.name, direction.rawValue] + evaluation + [options.type.rawValue]
      + [sizes.joined(separator: ",")] + layouts).joined(separator: " ")
  }
}
