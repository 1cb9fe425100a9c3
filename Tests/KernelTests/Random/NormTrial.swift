import Basics
import Interpreter
import LoopIR
import Syntax

@testable import NormGen

/// Everything that is tried with one norm.
struct NormTrial {
  /// What is known of a norm after its trial.
  enum Outcome: Equatable {
    case holds
    /// The results differ, but rounding alone makes them differ as much.
    case unstable
    case fails(Failure)
  }

  /// The property that does not hold, and how far off it is.
  struct Failure: Equatable {
    var property: Property
    var details: String
  }

  enum Property: String {
    case checks, formats, expands, compiles, equalsInterpreterInDouble
    case equalsInterpreterInSingle, equalsDifferences, equalsCompiledC
  }

  let text: String
  let seed: UInt64
  /// Compilers whose code must give the bits of the JIT.
  var compilers: [String] = []
  /// Properties that are tried; a shrunk norm need only be tried for the one that fails.
  var only: Property?

  /// Tries all properties until one fails.
  func run() -> Outcome {
    var diagnostics = DiagnosticSet()
    let source = SourceFile(name: "random.norm", text: text)
    guard let norm = check(source, into: &diagnostics).last else {
      return fails(.checks, "\(diagnostics)")
    }
    if let failure = formatting(of: norm, source) { return .fails(failure) }
    do {
      return try run(norm)
    } catch {
      return fails(.compiles, "\(error)")
    }
  }

  /// `true` iff the text is a norm without errors.
  var checks: Bool {
    var diagnostics = DiagnosticSet()
    return !check(SourceFile(name: "random.norm", text: text), into: &diagnostics).isEmpty
  }

  private func fails(_ property: Property, _ details: String) -> Outcome {
    .fails(Failure(property: property, details: details))
  }

  func tries(_ property: Property) -> Bool { only == nil || only == property }

  private func run(_ norm: CheckedNorm) throws -> Outcome {
    var isUnstable = false
    var outcomes: [() throws -> Outcome] = []
    if tries(.equalsInterpreterInDouble) || tries(.compiles) {
      outcomes.append { try compare(norm, .float64, .equalsInterpreterInDouble) }
    }
    if tries(.equalsInterpreterInSingle) || tries(.equalsCompiledC) {
      outcomes.append { try compare(norm, .float32, .equalsInterpreterInSingle) }
    }
    if tries(.equalsDifferences) { outcomes.append { try compareDifferences(norm) } }
    for outcome in outcomes {
      switch try outcome() {
      case .holds: break
      case .unstable: isUnstable = true
      case .fails(let failure): return .fails(failure)
      }
    }
    return isUnstable ? .unstable : .holds
  }
}

// The formatter.
extension NormTrial {
  private func formatting(of norm: CheckedNorm, _ source: SourceFile) -> Failure? {
    guard tries(.formats) || tries(.expands) else { return nil }
    var diagnostics = DiagnosticSet()
    guard let formatted = format(source, into: &diagnostics) else {
      return Failure(property: .formats, details: "cannot be formatted: \(diagnostics)")
    }
    let again = SourceFile(name: "random.norm", text: formatted)
    guard format(again, into: &diagnostics) == formatted else {
      return Failure(property: .formats, details: "formatting twice changes\n\(formatted)")
    }
    guard check(again, into: &diagnostics).last?.meaning == norm.meaning else {
      return Failure(property: .formats, details: "formatting changes the meaning:\n\(formatted)")
    }
    guard let expansion = expand(source, into: &diagnostics) else {
      return Failure(property: .expands, details: "cannot be expanded: \(diagnostics)")
    }
    let equations = SourceFile(name: "random.norm", text: expansion)
    guard check(equations, into: &diagnostics).last?.meaning == norm.meaning else {
      return Failure(
        property: .expands, details: "expansion changes the meaning:\n\(expansion)\n\(diagnostics)")
    }
    return nil
  }
}

extension CheckedNorm {
  /// The norm without what depends on its text.
  fileprivate var meaning: CheckedNorm {
    var norm = self
    norm.source = ""
    for place in norm.values.indices { norm.values[place].line = 0 }
    for phase in [\CheckedNorm.train, \CheckedNorm.eval] {
      norm[keyPath: phase].equations = norm[keyPath: phase].equations.map(\.meaning)
      norm[keyPath: phase].updates = norm[keyPath: phase].updates.map(\.meaning)
      for place in norm[keyPath: phase].gradients.indices {
        let block = norm[keyPath: phase].gradients[place]
        norm[keyPath: phase].gradients[place].place = ""
        norm[keyPath: phase].gradients[place].equations = block.equations.map(\.meaning)
        norm[keyPath: phase].gradients[place].contributions = block.contributions.map(\.meaning)
        norm[keyPath: phase].gradients[place].updates = block.updates.map(\.meaning)
      }
    }
    return norm
  }
}

extension Equation {
  fileprivate var meaning: Equation { Equation(value: value, term: term) }
}
