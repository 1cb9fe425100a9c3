import LoopIR
import Syntax
import Testing

@testable import NormGen

/// Forward mode and second derivatives are fused like the backward: one sweep for the sums, unless
/// forward saves no statistics, one that writes, and each array of the size of x crosses memory
/// once.
@Suite struct FurtherDerivativeTests {
  @Test(arguments: FusedCase.all)
  func eachArrayCrossesMemoryOnce(form: FusedCase) throws {
    let kernel = try form.kernel()
    let regions = kernel.traffic.regions
    let writers = regions.filter { $0.writes.contains { isLarge($0, kernel) } }
    #expect(writers.count == 1)
    #expect(writers.first?.passes.count == form.passes)
    let read = regions.flatMap { region in region.reads.filter { region.moves.contains($0) } }
    #expect(read.count { isLarge($0, kernel) } == form.reads)
    #expect(writers.first?.writes.count { isLarge($0, kernel) } == form.writes)
  }

  private func isLarge(_ buffer: BufferID, _ kernel: LoopKernel) -> Bool {
    let large = kernel.buffers.map(\.axes.count).max() ?? 0
    let buffer = kernel.buffers[buffer.index]
    return buffer.axes.count == large && buffer.role != .workspace
  }

  /// In all x, d_y and dd_x are read and dd_y and d_x written, each once; sums for d_weight ride.
  @Test func theSecondDerivativeOfLayerNormMovesFiveArrays() throws {
    let kernel = try FusedCase(norm: "layer_norm", derivative: .vjp2, reads: 3, writes: 2).kernel()
    let sizes = ["N": 4096, "C": 4096]
    let bytes = try #require(kernel.traffic.moved.value(sizes))
    let array = 4.0 * 4096 * 4096
    // Rows of C, and numbers for each row, are less than a hundredth.
    #expect((5 * array...5.01 * array).contains(bytes))
    #expect(kernel.traffic.regions.first?.passes.last?.rides.isEmpty == false)
  }

  @Test(arguments: FormulaCase.all)
  func explainWritesTheTextbookFormula(form: FormulaCase) throws {
    var options = Options()
    options.derivatives = Set(Options.Derivative.allCases)
    let text = try explain(Goldens.shipped(form.norm), options)
    let lines = text.split(separator: "\n").map { line in
      line.split(separator: " ").joined(separator: " ")
    }
    #expect(lines.contains(form.line), "\(form.line) is not in\n\(text)")
  }
}

/// What a function of a spec in training reads and writes of arrays as large as x.
struct FusedCase: CustomTestStringConvertible {
  var norm: String
  var derivative: Options.Derivative
  var reads: Int
  var writes: Int
  /// The sweeps of the region that writes them.
  var passes = 2

  var testDescription: String { "\(derivative.rawValue) of \(norm)" }

  static let all: [FusedCase] =
    [
      "layer_norm", "rms_norm", "group_norm", "instance_norm", "batch_norm", "l2_normalize",
      "group_scaling_1d",
    ].flatMap { norm in
      [
        FusedCase(norm: norm, derivative: .jvp, reads: 2, writes: 1),
        FusedCase(norm: norm, derivative: .vjp2, reads: 3, writes: 2),
      ]
    } + [
      FusedCase(norm: "add_rms_norm", derivative: .jvp, reads: 4, writes: 2),
      FusedCase(norm: "add_rms_norm", derivative: .vjp2, reads: 5, writes: 4),
      // The backward reads y, so forward saves no statistics: they are made again.
      FusedCase(norm: "softmax", derivative: .jvp, reads: 2, writes: 1, passes: 3),
      FusedCase(norm: "softmax", derivative: .vjp2, reads: 3, writes: 2, passes: 4),
    ]

  func kernel() throws -> LoopKernel {
    var options = Options()
    options.derivatives = [derivative]
    let functions = try compiledFunctions(Goldens.shipped(norm), options).functions
    let direction: Direction = derivative == .jvp ? .jvp : .vjp2
    return try #require(functions.first { $0.direction == direction }).kernel
  }
}

/// A line of `explain`, with single spaces.
struct FormulaCase: CustomTestStringConvertible {
  var norm: String
  var derivative: Options.Derivative
  var line: String

  var testDescription: String { "\(derivative.rawValue) of \(norm)" }

  static let all: [FormulaCase] = [
    FormulaCase(
      norm: "softmax", derivative: .jvp, line: "t_y = y * (t_x - sum[C](t_e) / t1)"),
    FormulaCase(
      norm: "rms_norm", derivative: .jvp,
      line: "t_y = t_weight * normalized + t1 * t_x - t1 * rrms * mean[C](x * t_x) * normalized"),
    FormulaCase(
      norm: "batch_norm", derivative: .jvp,
      line: "t_y = t_bias + t_weight * normalized + weight * rstd * t_x"),
    FormulaCase(
      norm: "rms_norm", derivative: .vjp2,
      line: "d_weight = sum[N](rrms * d_y * (dd_x - rrms * t3 * normalized))"),
  ]
}
