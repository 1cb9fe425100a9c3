import LoopIR
import Testing

@testable import NormGen

/// A call that fails returns a status and leaves every byte as it was.
@Suite struct FailedCallTests {
  @Test(arguments: TestNorm.names) func failedCallsLeaveEveryByte(_ name: String) throws {
    let norm = try TestNorm.ofSpec(name)
    for phase in norm.phases {
      let call = try TestCall(norm, .float32, phase, sizes: norm.sizes { [3, 5, 2][$0 % 3] })
      for engine in [TestedEngine.jit, .gcc] {
        let kernel = try SpecKernels.shared[name, .float32, engine]
        let saved = try call.run(.forward, kernel, saved: [:])
        for direction in Kernel.Direction.standard {
          let memory = { try CallMemory(call, direction, kernel, saved: saved) }
          for size in kernel.interface.sizes { try huge(size.name, in: memory()) }
          try hugeTogether(norm, in: memory())
          for size in divisors(of: norm) { try indivisible(size, in: memory()) }
          try expectNoNull(memory, direction)
          try expectWorkspaceWhereUsed(memory)
        }
      }
    }
  }

  /// Sizes that overflow one by one.
  private func huge(_ name: String, in memory: CallMemory) throws {
    for bits in [61, 62, 63] as [UInt64] {
      let power = UInt64(1) << bits
      for size in [power, power - 1, 0 &- power, .max] {
        expectFailure(memory, [(name, .word(size))], "\(name) = \(size)")
      }
    }
  }

  /// Sizes that are small enough alone, but whose product is 2^64 or a little more: it would be
  /// taken for a small number. What divides another size is in no product.
  private func hugeTogether(_ norm: TestNorm, in memory: CallMemory) throws {
    let parts = divisors(of: norm).map(\.part)
    let names = norm.checked.sizes.map(\.name).filter { !parts.contains($0) }
    for (place, one) in names.enumerated() {
      for other in names[(place + 1)...] {
        for exponent in [31, 32] as [UInt64] {
          let sizes = [(one, UInt64(1) << exponent), (other, UInt64(1) << (64 - exponent))]
          expectFailure(
            memory, sizes.map { ($0.0, .word($0.1)) }, "\(one) * \(other) = 2^64")
        }
      }
    }
  }

  private func divisors(of norm: TestNorm) -> [(whole: String, part: String)] {
    norm.checked.axes.compactMap { axis in
      guard case .quotient(let whole, by: let part) = axis.extent else { return nil }
      return (norm.checked.sizes[whole.index].name, norm.checked.sizes[part.index].name)
    }
  }

  private func indivisible(
    _ size: (whole: String, part: String), in memory: CallMemory
  ) throws {
    for part in [0, 7, UInt64.max] {
      expectFailure(
        memory, [(size.whole, .word(12)), (size.part, .word(part))],
        "\(size.whole) = 12, \(size.part) = \(part)")
    }
  }

  /// Without the workspace, which a function may not need: it fails, or does the same.
  private func expectWorkspaceWhereUsed(_ memory: () throws -> CallMemory) throws {
    let (full, without) = (try memory(), try memory())
    let before = without.contents
    without["workspace"] = .array(nil)
    try full.invoke()
    do {
      try without.invoke()
      #expect(without.contents == full.contents, "\(full.function.symbol), no workspace")
    } catch {
      #expect(without.contents == before, "\(full.function.symbol), no workspace")
    }
  }

  /// Without each array that is read.
  private func expectNoNull(
    _ memory: () throws -> CallMemory, _ direction: Kernel.Direction
  ) throws {
    let function = try memory().function
    for argument in function.arguments where argument.shape != nil {
      guard argument.isRead(by: direction) else { continue }
      let memory = try memory()
      guard case .array(.some) = memory[argument.name] else { continue }
      expectFailure(memory, [(argument.name, .array(nil))], "\(argument.name) = NULL")
    }
  }

  private func expectFailure(
    _ memory: CallMemory, _ changes: [(name: String, slot: CallSlot)], _ what: String
  ) {
    let before = memory.contents
    let slots = changes.map { ($0.name, memory[$0.name]) }
    for change in changes { memory[change.name] = change.slot }
    do {
      try memory.invoke()
      Issue.record("\(memory.function.symbol) accepts \(what)")
    } catch {
      guard case .status(_, _, let text) = error else {
        Issue.record("\(memory.function.symbol), \(what): \(error)")
        return
      }
      #expect(text != "unknown status" && !text.isEmpty)
    }
    #expect(memory.contents == before, "\(memory.function.symbol) wrote with \(what)")
    for (name, slot) in slots { memory[name] = slot }
  }
}
