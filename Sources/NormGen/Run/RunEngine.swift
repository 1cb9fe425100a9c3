/// What computes a run.
package enum RunEngine: String, CaseIterable, Sendable {
  /// C compiled in memory by TinyCC.
  case jit
  /// The written C, compiled by the system's compiler.
  case cc
  /// The naive evaluation in float64 that judges the others.
  case interpreter
}
