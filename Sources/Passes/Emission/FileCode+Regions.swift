import CCode
import LoopIR

/// A region as functions of C.
package struct RegionTree: Sendable {
  /// Its functions, and those that only they call.
  package let functions: [CFunction]
  /// The title of the part of the file that it opens.
  let section: String?

  /// Those that are called from outside: one, or one for each way to store.
  package var kernels: [CFunction] { functions.filter { $0.prefix == ["KERNEL"] } }
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
    return CFile([.enumeration(calls.statuses)] + items(prelude, kernels)).plainText
  }

  /// `true` iff the kernels can be compiled to machine code.
  package var fitsMachineCode: Bool { !kernels.allSatisfy(\.regions.isEmpty) && !hasWideLanes }

  /// The names in C of all kernels, without `NAME()`.
  package var kernelNames: [String] { calls.forms.flatMap(\.kernelNames) }

  /// The place of the region of each kernel, in the order of `kernelNames`, among all regions.
  package var regionsOfKernels: [Int] {
    let counts = calls.forms.flatMap { form in
      form.kernel.regions.indices.map { form.variants($0).count }
    }
    return counts.enumerated().flatMap { Array(repeating: $0.offset, count: $0.element) }
  }

  /// What the regions call and mention, beside their own functions and the prelude's.
  package var regionItems: [CItem] {
    let functionCode = FunctionCode(kernels, type)
    return calls.structures + functionCode.scalars + functionCode.lanes
  }

  /// The regions of all functions, in order.
  var regions: [RegionTree] { regionPlaces.map { region($0.form, $0.place) } }

  /// A region by its place among all.
  package func region(at place: Int) -> RegionTree {
    let found = regionPlaces[place]
    return region(found.form, found.place)
  }

  private var regionPlaces: [(form: KernelForm, place: Int)] {
    calls.forms.flatMap { form in form.kernel.regions.indices.map { (form, $0) } }
  }

  private func region(_ form: KernelForm, _ place: Int) -> RegionTree {
    let title = form.name + (form.unit.map { ", where \($0) is 1" } ?? "")
    var functions = RegionCode(form, place).functions
    if form.kernel.regions[place].stepsOfOneBlock != nil {
      functions += RegionCode(form, place, isOfOneBlock: true).functions
    }
    return RegionTree(functions: functions, section: place == 0 ? title : nil)
  }
}

/// Where a text has its kernels.
enum KernelsInText {
  /// It holds them as functions.
  case functions
  /// They stand elsewhere, and the text has a declaration of their table.
  case elsewhere
}
