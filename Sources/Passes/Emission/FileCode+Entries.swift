import CCode
import LoopIR

/// The public functions for the compiler of machine code.
extension FileCode {
  /// What public functions of any norm call and mention.
  package static func entryHelpers(_ type: CComputeType) -> [CItem] {
    Prelude.entryHelpers(
      type, [CallCode.elementsText, CallCode.turnsText, CallCode.columnTurnsText])
  }

  /// What all public functions of the norm call and mention.
  package var entryItems: [CItem] {
    [.enumeration(calls.statuses), calls.tableStructure, .function(calls.sizeCheck)]
  }

  /// The public functions of calls and events, by their places.
  package var entrySymbols: [String] {
    functions.map { "\(interface.prefix)_\($0.name)" }
  }

  /// A public function, with what it hands to its regions and the pieces that run these.
  package func entry(_ place: Int) -> [CItem] {
    calls.structures(ofFunction: place) + calls.entryPoint(place)
  }

  /// The pieces of all functions by name, each with the place of its function.
  package var pieces: [(name: String, function: Int)] {
    calls.formsOfFunctions.enumerated().flatMap { place, forms in
      forms.flatMap { form in
        form.kernel.regions.indices.map { (calls.pieceName(form, $0), place) }
      }
    }
  }

  /// The function that tells the size of the workspace, with what it calls.
  package var workspaceItems: [CItem] {
    calls.forms.filter { !$0.workspace.isEmpty }.map { .function(calls.workspaceBytes($0)) }
      + [.function(calls.workspaceFunction)]
  }

  /// What each status says, by its number.
  package var statusTexts: [String] { calls.statusCodes.map(\.text) }
}
