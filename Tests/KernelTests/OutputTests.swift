import LoopIR
import Testing

@testable import NormGen

/// Which outputs are wanted, where states lie and how many elements there are change no bit.
@Suite struct OutputTests {
  @Test(arguments: TestNorm.names, Options.Scalar.wide)
  func outputsThatAreNotWantedChangeNoOther(_ name: String, _ type: Options.Scalar) throws {
    let norm = try TestNorm.ofSpec(name)
    for phase in norm.phases {
      for lengths in [[5, 18, 3], [6, 16, 1], [2, 3, 65]] {
        let call = try TestCall(norm, type, phase, sizes: norm.sizes { lengths[$0 % 3] })
        for engine in [TestedEngine.jit, .gcc] {
          let kernel = try SpecKernels.shared[name, type, engine]
          let saved = try call.run(.forward, kernel, saved: [:])
          for direction in Kernel.Direction.standard {
            try expectIndependence(
              { try CallMemory(call, direction, kernel, saved: saved) }, direction)
          }
        }
      }
    }
  }

  private func expectIndependence(
    _ memory: () throws -> CallMemory, _ direction: Kernel.Direction
  ) throws {
    let full = try memory()
    try full.invoke()
    #expect(full.broken.isEmpty)
    let names = full.function.arguments.filter { $0.isWritten(by: direction) }.map(\.name)
    for choice in subsets(of: names.count) {
      let wanted = choice.sorted().map { names[$0] }
      let part = try memory()
      for name in names where !wanted.contains(name) { part[name] = .array(nil) }
      try part.invoke()
      #expect(part.broken.isEmpty)
      let untouched = try memory()
      for name in names {
        let expected = wanted.contains(name) ? full : untouched
        #expect(
          part.contents[name] == expected.contents[name],
          "\(part.function.symbol): \(name), when only \(wanted) is wanted")
      }
    }
  }

  @Test(arguments: TestNorm.names, Options.Scalar.wide)
  func aStateMayBeReplacedWhereItLies(_ name: String, _ type: Options.Scalar) throws {
    let norm = try TestNorm.ofSpec(name)
    for phase in norm.phases where norm.hasStates {
      let call = try TestCall(norm, type, phase, sizes: norm.sizes { [6, 19, 3][$0 % 3] })
      for engine in [TestedEngine.jit, .gcc] {
        let kernel = try SpecKernels.shared[name, type, engine]
        let saved = try call.run(.forward, kernel, saved: [:])
        for direction in Kernel.Direction.standard {
          let apart = try CallMemory(call, direction, kernel, saved: saved)
          let inPlace = try CallMemory(call, direction, kernel, saved: saved)
          let states = apart.function.arguments.filter { $0.role == .nextState }
          for state in states { inPlace["next_" + state.subject] = inPlace[state.subject] }
          try apart.invoke()
          try inPlace.invoke()
          for state in states {
            #expect(inPlace.array(state.subject) == apart.array(state.name))
          }
          for argument in apart.function.arguments
          where argument.isWritten(by: direction) && argument.role != .nextState {
            #expect(inPlace.contents[argument.name] == apart.contents[argument.name])
          }
        }
      }
    }
  }

  @Test(arguments: TestNorm.names) func withoutElementsArraysMayBeNull(_ name: String) throws {
    let norm = try TestNorm.ofSpec(name)
    for phase in norm.phases {
      for empty in subsets(of: norm.checked.sizes.count) where !empty.isEmpty {
        let sizes = norm.sizes { empty.contains($0) ? 0 : [3, 5, 2][$0 % 3] }
        let call = try TestCall(norm, .float32, phase, sizes: sizes)
        let expected = try call.reference()
        for engine in TestedEngine.allCases {
          let kernel = try SpecKernels.shared[name, .float32, engine]
          expectSameBits(
            try call.outcome(of: kernel), expected, "\(engine.rawValue), \(call)")
          let saved = try call.run(.forward, kernel, saved: [:])
          for direction in Kernel.Direction.standard {
            let memory = try CallMemory(call, direction, kernel, saved: saved)
            for argument in memory.function.arguments where memory.isEmpty(argument.name) {
              memory[argument.name] = .array(nil)
            }
            try memory.invoke()
            #expect(memory.broken.isEmpty)
          }
        }
      }
    }
  }

  private func subsets(of count: Int) -> [Set<Int>] {
    (0..<(1 << count)).map { bits in Set((0..<count).filter { bits >> $0 & 1 == 1 }) }
  }
}

extension CallMemory {
  /// `true` iff the argument is an array without elements.
  fileprivate func isEmpty(_ name: String) -> Bool { array(name)?.count == 0 }
}
