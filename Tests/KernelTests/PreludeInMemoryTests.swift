import CCode
import LoopIR
import NormGen
import Testing

/// The fixed text of kernels finds all that it names when TinyCC reads it from memory.
@Suite struct PreludeInMemoryTests {
  @Test(arguments: zip(CComputeType.allCases, ComputeType.allCases))
  func everyFeatureCompilesAndRuns(_ text: CComputeType, _ type: ComputeType) throws {
    let prelude = Prelude(type: text, dialect: .memory)
    let source = [prelude.opening, prelude.readings, prelude.lanes, kernel(text.rawValue)]
    let kernel = try Kernel(
      CompiledNorm(
        interface: interface(type), header: "", source: "",
        jitSource: source.joined(separator: "\n")))
    let results = try kernel.run(.forward, arrays: ["x": kernel.real([0, 4, 12, 13])])
    #expect(results == ["y": kernel.real([1, 3, 5, 5])])
  }

  /// y = floor(sqrt(2 x + 1))
  private func kernel(_ real: String) -> String {
    """
    size_t root_workspace(size_t N) { return N - N; }
    const char *root_status_text(int status) { return status == 0 ? "no error" : "an error"; }
    int root_forward(size_t N, const \(real) *x, \(real) *y) {
      float_mode mode = enter_float_mode();
      memset(y, 0, N * sizeof *y);
      for (size_t i = 0; i < N; i++) {
        lanes a = v_fma(v_load(x + i, 1), v_splat(2), v_splat(1));
        v_store(y + i, v_floor(v_sqrt(a)), 1);
      }
      set_float_mode(mode);
      return 0;
    }
    """
  }

  private func interface(_ type: ComputeType) -> KernelInterface {
    let row = [ArrayDimension(name: "N", extents: [.size("N")])]
    let arguments = [
      KernelArgument(name: "N", subject: "N", role: .size, type: .size, shape: nil),
      KernelArgument(name: "x", subject: "x", role: .tensor, type: .real, shape: row),
      KernelArgument(name: "y", subject: "y", role: .output, type: .real, shape: row),
    ]
    return KernelInterface(
      norm: "root", prefix: "root", type: type,
      sizes: [SizeParameter(name: "N", standard: nil, isRun: false)],
      functions: [
        KernelFunction(
          direction: .forward, phase: .train, symbol: "root_forward", arguments: arguments)
      ])
  }
}
