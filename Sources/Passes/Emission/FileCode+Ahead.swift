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
  /// the later regions of its function, and after a forward those of the backward.
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
    if kernel.form == called.form { return kernel.region > called.region }
    let (first, second) = (called.function, kernel.function)
    return functions[first].direction == .forward && functions[second].direction == .backward
      && functions[first].phase == functions[second].phase
      && functions[first].isWholeCall && functions[second].isWholeCall
      && calls.forms[called.form].unit == calls.forms[kernel.form].unit
  }

  /// What is worth to be made before the first phase is called: the kernels that are the only ones
  /// of their regions. A helper that is still at a guess when calls come would get later to what
  /// they need.
  package var kernelsBeforeCalls: [Int] {
    let all = listedKernels
    return all.indices.filter { index in
      let kernel = all[index]
      let (function, form) = (kernel.function, kernel.form)
      return functions[function].phase == functions[0].phase && functions[function].isWholeCall
        && calls.forms[form].unit == nil && !calls.forms[form].isOfOneLane(kernel.region)
        && calls.forms[form].variants(kernel.region).count == 1
    }
  }
}

extension CompiledFunction {
  /// `true` iff it is a call of the norm, no event and no step of one.
  fileprivate var isWholeCall: Bool { event == nil && step == nil }
}
