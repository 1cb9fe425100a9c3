#if arch(x86_64)
  import Testing

  @testable import NormGen

  /// A caller whose floating-point mode is another gets the same bits, and its mode back.
  @Suite struct FloatModeTests {
    @Test(
      arguments: TestNorm.names,
      [
        (.float32, .jit), (.float32, .gcc), (.float32, .clang), (.bfloat16, .jit),
        (.bfloat16, .gcc),
        (.float16, .jit), (.float16, .gcc),
      ] as [(Options.Scalar, TestedEngine)])
    func theCallersModeDoesNotMatter(
      _ name: String, _ tested: (type: Options.Scalar, engine: TestedEngine)
    ) throws {
      let type = tested.type
      let mode = try FloatMode()
      let norm = try TestNorm.ofSpec(name)
      let kernel = try SpecKernels.shared[name, type, tested.engine]
      for phase in norm.phases {
        var call = try TestCall(norm, type, phase, sizes: norm.sizes { [5, 9, 3][$0 % 3] })
        // Denormal inputs: flushed, they are 0 in all that follows.
        for value in norm.checked.values {
          guard case .tensor = value.kind else { continue }
          let scale = type == .float16 ? 1e-5 : 1e-39
          call.numbers[value.name] = call.numbers[value.name]?.map { type.rounded($0 * scale) }
        }
        let saved = try call.run(.forward, kernel, saved: [:])
        for direction in Kernel.Direction.standard {
          let memory = { try CallMemory(call, direction, kernel, saved: saved) }
          let ordinary = try memory()
          try ordinary.invoke()
          for other in [FloatMode.flushing, FloatMode.truncating] {
            let changed = try memory()
            let after = try mode.running(in: other) { try changed.invoke() }
            #expect(after.mode == other)
            #expect(changed.contents == ordinary.contents, "\(call), \(direction)")
          }
        }
      }
    }
  }
#endif
