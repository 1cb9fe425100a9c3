import LoopIR
import Testing

@testable import NormGen

/// What a condition says of whole rows is asked once a row, and never in the lanes.
@Suite struct RowSelectionTests {
  private func kernel(_ norm: Norm, _ direction: Direction) throws -> LoopKernel {
    let functions = try compiledFunctions(norm.checked, Options()).functions
    return try #require(
      functions.first { $0.direction == direction && $0.event == nil && $0.phase == .train }
    ).kernel
  }

  private func sums(_ kernel: LoopKernel) -> [ReduceStep] {
    kernel.regions.flatMap(\.steps).compactMap { step in
      if case .reduce(let reduce) = step { reduce } else { nil }
    }
  }

  private func readsPlaces(_ body: Body) -> Bool {
    body.arguments.contains { if case .place = $0 { true } else { false } }
  }

  @Test(arguments: [Direction.forward, .backward])
  func windowsTakeWholeRows(_ direction: Direction) throws {
    let norm = try #require(Zoo.shared.norm("local_response_norm"))
    let kernel = try kernel(norm, direction)
    let windows = sums(kernel).filter { !$0.sweep.segments.isEmpty }
    #expect(!windows.isEmpty)
    for window in windows {
      #expect(try readsPlaces(#require(window.selection).body))
      #expect(!readsPlaces(window.body))
      #expect(window.accumulators.allSatisfy { $0.condition == nil })
    }
  }

  @Test func rowsOfOtherDomainsAreSkipped() throws {
    let norm = try #require(Zoo.shared.norm("domain_batch_norm"))
    let kernel = try kernel(norm, .backward)
    let selected = sums(kernel).filter { $0.selection != nil }
    #expect(selected.count > 1)
    // Samples differ in their domain, so lanes lie along the places of one.
    let last = try #require(kernel.regions.last)
    #expect(last.kept.count == 2 && last.columns.count == 1)
    #expect(last.steps.contains { selected.map(\.sweep).contains($0.sweep) })
  }

  @Test func aConditionThatDiffersAlongTheLanesStaysThere() throws {
    let source = """
      norm f(x[N, T, C]) -> y {
        mask kept[N, T, C], valid[N]
        y = x - sum[N](x where kept and valid)
      }
      """
    let norm = try #require(try Norm.parse(source).last)
    for step in sums(try kernel(norm, .forward)) {
      let selection = try #require(step.selection)
      #expect(selection.body.arguments.count == 1)
      #expect(step.accumulators.allSatisfy { $0.condition != nil })
    }
  }

  @Test func aSelectionByWhatVariesInARowIsFound() throws {
    let norm = try #require(Zoo.shared.norm("local_response_norm"))
    var kernel = try kernel(norm, .forward)
    let place = try #require(kernel.regions.firstIndex { !$0.columns.isEmpty })
    let index = try #require(
      kernel.regions[place].steps.firstIndex { $0.sweep?.segments.isEmpty == false })
    guard case .reduce(var step) = kernel.regions[place].steps[index] else { return }
    step.selection?.body.arguments.append(.place(step.sweep.run))
    kernel.regions[place].steps[index] = .reduce(step)
    #expect(kernel.problems().contains { $0.contains("reads a place that is not looped over") })
  }
}
