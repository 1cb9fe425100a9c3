import CCode
import LoopIR

/// A region as functions of C.
struct RegionTree {
  /// Its functions, and those that only they call.
  let functions: [CFunction]
  /// The title of the part of the file that it opens.
  let section: String?
  /// `true` iff they are compiled for one lane alone.
  let isOfOneLane: Bool

  /// Its part of the file.
  var items: [CItem] {
    let title = section.map { [CItem.section($0)] } ?? []
    let functions = functions.map { CItem.function($0) }
    return isOfOneLane
      ? title + [.raw("#if LANES == 1 /* for all processors */")] + functions + [.raw("#endif")]
      : title + functions
  }
}

/// Where code stands that some kernels share.
package struct KernelPlace: Hashable, Sendable {
  /// The form of a function by its place among all.
  let form: Int
  let region: Int
  let part: KernelPart
}

/// Which kernels of a region share code.
enum KernelPart: Hashable {
  /// All that no other part is for.
  case general
  /// Those for sums of one block, where these have steps of their own.
  case oneBlock
  /// Those for turned rows.
  case turned
}

/// The kernels for the compiler of regions.
extension FileCode {
  /// The same kernels as one text for TinyCC.
  package var memory: String { memory(.functions) }

  /// The same functions as one text for TinyCC, without the kernels: their addresses stand in a
  /// table `kernels_plain` outside of the text, in the order of `kernelNames`.
  package var memoryWithoutKernels: String { memory(.elsewhere) }

  private func memory(_ kernels: KernelsInText) -> String {
    let used: Set<PreludeFeature> =
      switch kernels {
      case .functions: features
      case .elsewhere: calls.mergesMoments ? [.moments] : []
      }
    let prelude = Prelude(type: type.prelude, dialect: .memory, features: used, shorts: shorts)
    return CFile(
      [.enumeration(calls.statuses)] + itemsBeforeCalls(prelude, kernels) + calls.entryPoints
    ).plainText
  }

  /// `true` iff some of the kernels can be compiled to machine code.
  package var fitsMachineCode: Bool {
    calls.forms.contains { form in
      form.kernel.regions.indices.contains { !form.isOfOneLane($0) }
    }
  }

  /// The kernels, by their places in `kernelNames`, that are compiled for one lane alone.
  package var kernelsOfOneLane: Set<Int> {
    Set(
      listedKernels.enumerated().lazy.filter { _, kernel in
        calls.forms[kernel.form].isOfOneLane(kernel.region)
      }.map(\.offset))
  }

  /// The names in C of all kernels, without `NAME()`.
  package var kernelNames: [String] { calls.forms.flatMap(\.kernelNames) }

  /// Where the code of each kernel stands, in the order of `kernelNames`.
  package var codeOfKernels: [KernelPlace] {
    listedKernels.map { kernel in
      let part = calls.forms[kernel.form].part(of: kernel.variant, kernel.region)
      return KernelPlace(form: kernel.form, region: kernel.region, part: part)
    }
  }

  /// What the regions call and mention, beside their own functions and the prelude's.
  package var regionItems: [CItem] {
    let functionCode = FunctionCode(kernels, type)
    return calls.structures + functionCode.scalars + functionCode.lanes
  }

  /// The regions of all functions, in order.
  var regions: [RegionTree] {
    calls.forms.flatMap { form in form.kernel.regions.indices.map { region(form, $0) } }
  }

  /// The kernels at a place, and the functions that only they call.
  package func functions(at place: KernelPlace) -> [CFunction] {
    RegionCode(calls.forms[place.form], place.region, place.part).functions
  }

  private func region(_ form: KernelForm, _ place: Int) -> RegionTree {
    let title = form.name + (form.unit.map { ", where \($0) is 1" } ?? "")
    let parts = Set(form.variants(place).map { form.part(of: $0, place) })
    let functions = [KernelPart.general, .oneBlock, .turned].filter { parts.contains($0) }
      .flatMap { RegionCode(form, place, $0).functions }
    return RegionTree(
      functions: functions, section: place == 0 ? title : nil,
      isOfOneLane: form.isOfOneLane(place))
  }
}

/// Where a text has its kernels.
enum KernelsInText {
  /// It holds them as functions.
  case functions
  /// They stand elsewhere, and the text has a declaration of their table.
  case elsewhere
}
