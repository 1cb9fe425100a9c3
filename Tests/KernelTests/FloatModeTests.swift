#if arch(x86_64)
  import Testing

  @testable import NormGen

  /// A caller whose floating-point mode is another gets the same bits, and its mode back.
  @Suite struct FloatModeTests {
    @Test(arguments: TestNorm.names, TestedEngine.allCases)
    func theCallersModeDoesNotMatter(_ name: String, _ engine: TestedEngine) throws {
      let mode = try FloatMode()
      let norm = try TestNorm.ofSpec(name)
      let kernel = try SpecKernels.shared[name, .float32, engine]
      for phase in norm.phases {
        var call = try TestCall(norm, .float32, phase, sizes: norm.sizes { [5, 9, 3][$0 % 3] })
        // Denormal inputs: flushed, they are 0 in all that follows.
        for value in norm.checked.values {
          guard case .tensor = value.kind else { continue }
          call.numbers[value.name] = call.numbers[value.name]?.map { Double(Float($0 * 1e-39)) }
        }
        let saved = try call.run(.forward, kernel, saved: [:])
        for direction in Kernel.Direction.allCases {
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
