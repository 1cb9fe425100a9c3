import MachineCode
import Testing

@testable import NormGen
@testable import Passes

/// Which kernels are made before calls need them.
@Suite struct LikelyKernelTests {
  @Test func theBackwardIsLikelyAfterAForwardOfTheSameForm() throws {
    let likely = try LikelyKernels(of: "layer_norm")
    #expect(likely.after("forward_block") == ["backward_1_block", "backward_2"])
    #expect(likely.after("forward_turned_2") == ["backward_1_turned_2", "backward_2"])
    #expect(likely.after("forward_stream") == ["backward_1_stream", "backward_2"])
    #expect(likely.after("backward_1") == ["backward_2"])
    // A variant of the first has been called by then.
    #expect(likely.after("backward_2").isEmpty)
  }

  @Test func callsOfAPhaseAreLikelyToStayInIt() throws {
    let likely = try LikelyKernels(of: "batch_norm")
    #expect(likely.after("forward").allSatisfy { $0.hasPrefix("backward") })
    #expect(likely.after("forward").allSatisfy { !$0.contains("eval") && !$0.contains("flat") })
    #expect(likely.after("forward_eval").allSatisfy { $0.hasPrefix("backward_eval") })
    // The rows of a region of columns, and what comes next.
    #expect(likely.after("forward_flat_1").contains("forward_flat_2"))
    #expect(likely.after("forward_flat_1").contains("backward_flat_1"))
    #expect(likely.after("forward_flat_1").allSatisfy { $0.contains("ward_flat") })
  }

  @Test func whatTrainingNeedsWhateverItsSizesIsMadeFirst() throws {
    let ofRows = try LikelyKernels(of: "layer_norm").beforeTraining
    #expect(ofRows == ["backward_2"])
    let ofSoftmax = try LikelyKernels(of: "softmax").beforeTraining
    #expect(ofSoftmax.isEmpty)
    let ofGroups = try LikelyKernels(of: "group_norm").beforeTraining
    #expect(ofGroups == ["backward_3"])
  }

  @Test(arguments: TestNorm.names)
  func oneKernelOfEachOtherRegionIsLikely(_ name: String) throws {
    let norm = try TestNorm.ofSpec(name).checked
    guard let kernels = try compile(norm, Options()).machineKernels(for: .avx2) else { return }
    let likely = LikelyKernels(kernels: kernels)
    let list = likely.kernels.file.listedKernels
    for (index, kernel) in list.enumerated() {
      var regions: Set<[Int]> = [[kernel.form, kernel.region]]
      for other in likely.kernels.file.kernels(likelyAfter: index) {
        let region = [list[other].form, list[other].region]
        #expect(regions.insert(region).inserted, "\(likely.names[index]): \(likely.names[other])")
      }
    }
  }
}

/// The kernels of a spec, by name.
private struct LikelyKernels {
  let kernels: MachineKernels
  var names: [String] { kernels.kernelNames }

  init(kernels: MachineKernels) { self.kernels = kernels }

  init(of name: String) throws {
    let norm = try TestNorm.ofSpec(name).checked
    kernels = try #require(compile(norm, Options()).machineKernels(for: .avx2))
  }

  func after(_ name: String) -> [String] {
    guard let index = names.firstIndex(of: name) else { return [] }
    return kernels.file.kernels(likelyAfter: index).map { names[$0] }
  }

  var beforeTraining: [String] { kernels.file.kernelsBeforeCalls.map { names[$0] } }
}
