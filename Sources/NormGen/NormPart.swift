import LoopIR
import Passes

/// Functions of a norm whose code in memory is made together, when one of them is first called.
///
/// A program trains or evaluates, on arrays of one kind: it does not wait for the rest.
package enum NormPart: Hashable, Sendable {
  /// All functions.
  case whole
  /// The calls of a phase for which `unit` is the size that is 1; without it, all other ones.
  case calls(CallPhase, unit: String?)
  case events
  /// The steps in which several processes compute calls together, and what lies between these.
  case steps
}

extension CompiledFunction {
  /// The part that holds the function for a call with these sizes.
  func part(_ size: (String) -> Int?) -> NormPart {
    if event != nil { return .events }
    return step == nil ? .calls(phase, unit: unit(size)) : .steps
  }

  /// What `part` holds of the function; `nil` for nothing.
  func restricted(to part: NormPart) -> CompiledFunction? {
    switch part {
    case .whole: self
    case .calls(phase, let unit) where event == nil && step == nil: alone(where: unit)
    case .calls: nil
    case .events: event == nil ? nil : self
    case .steps: step == nil ? nil : self
    }
  }
}
