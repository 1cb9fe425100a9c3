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
  /// The event that is measured instead of the directions. Its numbers are among the settings.
  package var event: String?

  package init(_ norm: CheckedNorm, options: Options) {
    self.norm = norm
    self.options = options
  }

  /// What is measured, in order.
  package var functions: [MeasuredFunction] {
    event.map { [.event($0)] } ?? directions.map { .direction($0) }
  }

  /// What records call a function: `layer_norm forward f32 N=64,C=768`.
  package func name(_ function: MeasuredFunction) -> String {
    let sizes = norm.sizes.compactMap { size in
      (options.sizes[size.name] ?? size.standard).map { "\(size.name)=\($0)" }
    }
    let layouts = options.layouts.sorted { $0.key < $1.key }.map {
      "\($0.key)[\($0.value.joined(separator: ","))]"
    }
    let words =
      switch function {
      case .direction(let direction): [direction.rawValue] + (phase == .eval ? ["eval"] : [])
      case .event(let name): ["event", name]
      }
    return
      ([norm.name] + words + [options.type.rawValue] + [sizes.joined(separator: ",")] + layouts)
      .joined(separator: " ")
  }
}

/// A function of a norm.
package enum MeasuredFunction: Hashable, Sendable {
  case direction(Direction)
  case event(String)
}
