import CCode
import LoopIR

/// How the ends of a range of places are written in C: as elements of the run.
struct PlaceRangeCode {
  /// The numbers 0, 1, ... of the elements of a step, which ends are compared with.
  static let numbers = "step_numbers"

  private let range: PlaceRange
  private let kernel: LoopKernel
  private let index: IndexCode
  private let run: [Int]

  init(_ range: PlaceRange, _ kernel: LoopKernel, _ index: IndexCode, along run: [Int]) {
    self.range = range
    self.kernel = kernel
    self.index = index
    self.run = run
  }

  /// What the parameters are called; `nil` where the range has no such end. One scalar may be an
  /// end of several ranges, and the first place of one and the last of another.
  var firstName: String? { range.from.map { kernel.scalars[$0.index].name } }
  var endName: String? { last.map { $0 + "_behind" } }

  private var last: String? { range.through.map { kernel.scalars[$0.index].name } }

  /// The first element of the run in the range.
  var first: CExpression { firstName.map { bound("first_place", $0) } ?? .size(0) }
  /// The element behind the last.
  var end: CExpression { last.map { bound("end_of_places", $0) } ?? index.size(run) }

  private func bound(_ function: String, _ end: String) -> CExpression {
    let name = range.comparison == .rounded ? function + "_rounded" : function
    let place = CExpression.call(name, .name(end), base)
    if leading.count == run.count { return place }
    // All elements along the other axes of the run are at the same place.
    let inside = CExpression.call("smaller", place, index.size(leading))
    return .multiply(inside, index.size(Array(run.dropFirst(leading.count))))
  }

  /// The axes of the run along which the place grows.
  private var leading: [Int] { Array(run.prefix(range.axes.countInFront(of: run))) }

  /// The place of the first element of the run.
  private var base: CExpression {
    let outer = range.axes.dropLast(leading.count)
    return index.flat(outer, at: index.place).map { .multiply($0, index.size(leading)) } ?? .size(0)
  }

  /// The declaration of the numbers of the elements of a step.
  static func declaration(_ type: ComputeType) -> [CStatement] {
    let k = CExpression.name("k")
    return [
      .declare(.array(of: type.cType, count: .name("SLOTS")), numbers),
      .count("k", to: .name("SLOTS"), [.set(.index(.name(numbers), k), .cast(type.cType, k))]),
    ]
  }
}

extension [PlaceRangeCode] {
  /// The elements that some of the ranges have.
  var hull: (first: CExpression, end: CExpression)? {
    guard let one = first else { return nil }
    return dropFirst().reduce((one.first, one.end)) { hull, range in
      (.call("smaller", hull.0, range.first), .call("larger", hull.1, range.end))
    }
  }
}

extension ReduceStep {
  /// Ranges of the run of which each sum takes elements alone; none if a sum takes others.
  var stretches: [PlaceRange] {
    guard keeps.isEmpty, riders.isEmpty else { return [] }
    var ranges: [PlaceRange] = []
    for accumulator in accumulators {
      let terms = body.program.terms(of: accumulator.condition)
      let own = terms.lazy.compactMap { term -> PlaceRange? in
        let source = body.source(of: body.program.operations[term.index])
        if case .within(let range) = source { return range } else { return nil }
      }
      guard let range = own.first else { return [] }
      if !ranges.contains(range) { ranges.append(range) }
    }
    return ranges
  }
}
