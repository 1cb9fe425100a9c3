import LoopIR

/// A kernel among all of a norm.
struct ListedKernel {
  /// Its function and the form of that, each by its place among all.
  let function: Int
  let form: Int
  let region: Int
  let variant: KernelVariant
}

/// Which kernels calls are likely to need: guesses, by which nothing but time is lost or won.
extension FileCode {
  /// All kernels, in the order of `kernelNames`.
  var listedKernels: [ListedKernel] {
    var kernels: [ListedKernel] = []
    var number = 0
    for (function, forms) in calls.formsOfFunctions.enumerated() {
      for form in forms {
        for region in form.kernel.regions.indices {
          kernels += form.variants(region).map {
            ListedKernel(function: function, form: number, region: region, variant: $0)
          }
        }
        number += 1
      }
    }
    return kernels
  }

  /// The kernels that are likely to be called soon after the first call of kernel `index`: those of
  /// the other regions of its function, and after a forward those of the backward.
  package func kernels(likelyAfter index: Int) -> [Int] {
    let all = listedKernels
    let called = all[index]
    return all.indices.filter { other in
      let kernel = all[other]
      let variants = calls.forms[kernel.form].variants(kernel.region)
      return isLikely(kernel, after: called)
        && kernel.variant == called.variant.closest(of: variants)
    }
  }

  private func isLikely(_ kernel: ListedKernel, after called: ListedKernel) -> Bool {
    if kernel.form == called.form { return kernel.region != called.region }
    let (first, second) = (functions[called.function], functions[kernel.function])
    return first.direction == .forward && second.direction == .backward
      && first.phase == second.phase && first.isWholeCall && second.isWholeCall
      && calls.forms[called.form].unit == calls.forms[kernel.form].unit
  }

  /// What any training calls, one kernel for each region in whose kernels no size of a call makes a
  /// difference to the code that they share.
  package var kernelsOfTraining: [(index: Int, isOnlyOne: Bool)] {
    listedKernels.enumerated().compactMap { index, kernel in
      let (function, form) = (functions[kernel.function], calls.forms[kernel.form])
      guard function.phase == .train, function.isWholeCall, form.unit == nil,
        kernel.variant == .general
      else { return nil }
      let variants = form.variants(kernel.region)
      let parts = Set(variants.map { form.part(of: $0, kernel.region) })
      return parts.count == 1 ? (index, variants.count == 1) : nil
    }
  }
}

extension CompiledFunction {
  /// `true` iff it is a call of the norm, no event and no step of one.
  fileprivate var isWholeCall: Bool { event == nil && step == nil }
}
