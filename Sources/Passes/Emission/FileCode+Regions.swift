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

/// Kernels of a region whose code is written together where not all of them are wanted.
///
/// Code that several kernels share is told what is known of each, and has a side for either answer.
/// That of one kernel has what it needs alone.
package struct KernelGroup: Hashable, Sendable {
  enum Members: Hashable {
    case one(KernelVariant)
    /// Those that gather sums.
    case gathered
    /// All others of a part, to tell one of them apart from those.
    case part(KernelPart)
  }

  /// The form of a function by its place among all.
  let form: Int
  let region: Int
  let members: Members
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

  /// What the code of each kernel is written with, in the order of `kernelNames`.
  package var groupsOfKernels: [KernelGroup] {
    listedKernels.map { kernel in
      KernelGroup(
        form: kernel.form, region: kernel.region,
        members: calls.forms[kernel.form].group(of: kernel.variant, kernel.region))
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

  /// The kernels of a group, and the functions that only they call.
  package func functions(of group: KernelGroup) -> [CFunction] {
    let form = calls.forms[group.form]
    return RegionCode(form, group.region, form.variants(of: group)).functions
  }

  private func region(_ form: KernelForm, _ place: Int) -> RegionTree {
    let title = form.name + (form.unit.map { ", where \($0) is 1" } ?? "")
    let functions = [KernelPart.general, .oneBlock, .turned].flatMap { part -> [CFunction] in
      let variants = form.variants(place).filter { form.part(of: $0, place) == part }
      return variants.isEmpty ? [] : RegionCode(form, place, variants).functions
    }
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
