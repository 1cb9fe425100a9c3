import CCode
import LoopIR
import MachineCode
import Passes

/// The functions of the prelude by number type, read once.
private let helpers: [CComputeType: Library] = Dictionary(
  uniqueKeysWithValues: CComputeType.allCases.map {
    ($0, Library().adding(Prelude.helpers($0)))
  })

extension FileCode {
  /// The text for TinyCC with the regions as machine code.
  ///
  /// - Parameter report: is told of each region that stays C, and why.
  package func memory(
    compiledFor instructionSet: Target.InstructionSet,
    report: (String, Unsupported) -> Void = { _, _ in }
  ) -> String {
    let target = Target(instructionSet, type == .float32 ? .float32 : .float64)
    let library = (helpers[type == .float32 ? .float32 : .float64] ?? Library()).adding(regionItems)
    return memory { region in
      let library = library.adding(region.functions.map { .function($0) })
      var texts: [String] = []
      for kernel in region.kernels {
        do throws(Unsupported) {
          let code = try machineCode(of: kernel, with: library, for: target)
          texts.append(topLevelAssembly(region.plainName(of: kernel), code: code))
        } catch {
          report(region.plainName(of: kernel), error)
          return nil
        }
      }
      return texts.joined()
    }
  }
}
