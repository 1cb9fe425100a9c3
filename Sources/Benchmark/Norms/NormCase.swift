import LoopIR
import NormGen
import Syntax

/// A norm, how it is compiled, and on what it is called.
package struct NormCase: Sendable {
  package var norm: CheckedNorm
  /// The sizes and settings are given at each call; nothing is baked in.
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

/// What runs a case.
package struct BenchmarkEngine: Sendable {
  /// What records call it.
  package var name: String
  package var engine: Engine
  /// Another text with the same interface, compiled in the place of the generated one.
  package var source: String?

  package init(_ name: String, _ engine: Engine, source: String? = nil) {
    self.name = name
    self.engine = engine
    self.source = source
  }

  /// What `normgen` makes of the norm in memory.
  package static let jit = BenchmarkEngine("jit", .jit)
  /// What the system's C compiler makes of the C that is written.
  package static let cc = BenchmarkEngine("cc", .cc())
}
