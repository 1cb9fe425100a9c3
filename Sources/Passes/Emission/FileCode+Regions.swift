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

  /// What other functions call, where assembly defines it.
  var prototypes: [CItem] {
    kernels.map { .prototype(CFunction(name: plainName(of: $0), parameters: $0.parameters)) }
  }

  /// The name under which assembly defines a kernel.
  package func plainName(of kernel: CFunction) -> String {
    String(kernel.name.dropFirst("NAME(".count).dropLast()) + "_plain"
  }
}

/// The kernels for the compiler of regions.
extension FileCode {
  /// The same kernels as one text for TinyCC.
  package var memory: String { memory { _ in nil } }

  /// The same kernels as one text for TinyCC, with assembly in the place of some regions.
  ///
  /// - Parameter assembled: gives the text that defines the kernels of a region under their
  ///   `plainName`; `nil` where they stay C.
  package func memory(assembled: (RegionTree) -> String?) -> String {
    let prelude = Prelude(
      type: type.prelude, dialect: .memory, features: features, shorts: shorts)
    return CFile(
      [.enumeration(calls.statuses)]
        + items(prelude) { hasWideLanes ? nil : assembled($0) }
    ).plainText
  }

  /// What the regions call and mention, beside their own functions and the prelude's.
  package var regionItems: [CItem] {
    let functionCode = FunctionCode(kernels, type)
    return calls.structures + functionCode.scalars + functionCode.lanes
  }

  /// The regions of all functions, in order.
  var regions: [RegionTree] {
    calls.forms.flatMap { form in
      let title = form.name + (form.unit.map { ", where \($0) is 1" } ?? "")
      return form.kernel.regions.indices.map { place in
        RegionTree(
          functions: RegionCode(form, place).functions, section: place == 0 ? title : nil)
      }
    }
  }
}
