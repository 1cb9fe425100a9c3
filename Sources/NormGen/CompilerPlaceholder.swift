import Syntax

/// Compiles a norm to C.
package func compile(_ norm: CheckedNorm, _ options: Options) throws -> CompiledNorm {
  throw InputError("\(norm.name): this build has no C back end yet")
}

/// The stages of a compilation.
package enum Stage: String, CaseIterable, Sendable {
  case c
}

/// The text of a norm at a stage of its compilation.
package func text(
  of stage: Stage, _ norm: CheckedNorm, _ options: Options
) throws -> String {
  let compiled = try compile(norm, options)
  return switch stage {
  case .c: compiled.header + compiled.source
  }
}
