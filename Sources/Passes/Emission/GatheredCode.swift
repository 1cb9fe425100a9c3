import CCode
import LoopIR

/// Writes what a region does with some rows at once, at most GATHERED: sweeps take them one after
/// the other, and what follows sums is computed for LANES of them.
///
///     const size_t together = rows_gathered(N);
///     for (size_t start = first; start < last; start += together) {
///       const size_t end = smaller(last, start + together);
///       float each_mean[GATHERED];
///       for (size_t at_N = start; at_N < end; at_N++) {
///         /* Pass 1 */
///         v_store(x_folded + (at_N - start) * LANES, NAME(fold_vectors)(x_slots), LANES);
///       }
///       for (size_t base = start; base < end; base += LANES) {
///         const int live = (int)smaller(end - base, LANES);
///         const wide sum_x = w_widen(NAME(gather)(x_folded + (base - start) * LANES));
///         const lanes mean = …;
///         v_store(each_mean + (base - start), mean, LANES);
///       }
///       for (size_t at_N = start; at_N < end; at_N++) {
///         const float mean = each_mean[at_N - start];
///         /* Pass 2 */
///       }
///     }
struct GatheredCode {
  private(set) var places: PlacesInLanes
  private let length: CExpression
  /// The number of a row among those that are taken together.
  let row: CExpression
  private var loops: [Loop] = []
  /// Before all loops.
  private(set) var declarations: [CStatement]
  /// What a loop makes for later ones, in order.
  private var made: [Carried] = []

  /// A number of each row, which an array holds between loops.
  private struct Carried {
    let name: String
    let array: String
    /// The loop that makes it.
    let loop: Int
  }

  /// A loop over the rows that are taken together.
  private enum Loop {
    case rows([CStatement])
    case lanes([CStatement])

    var body: [CStatement] {
      switch self {
      case .rows(let body), .lanes(let body): body
      }
    }
  }

  /// How many rows are taken at once.
  static let together = "together"
  private static let start = CExpression.name("start")
  private static let end = CExpression.name("end")
  /// The number of the row in the first lane.
  private static let lane = CExpression.subtract(.name("base"), start)

  /// - Parameters:
  ///   - place: the variable that counts rows.
  ///   - length: the elements of a row.
  init(
    _ kernel: LoopKernel, _ region: Region, place: CExpression, length: CExpression,
    scope: NameSet
  ) {
    places = PlacesInLanes(kernel, region, scope: scope)
    self.length = length
    row = .subtract(place, Self.start)
    declarations = [.constant(.size, Self.together, .call("rows_gathered", length))]
  }

  // The loops, in order

  mutating func add(_ step: ScalarStep) {
    addToLanes(places.scalars(step))
    note(step.defines.map { places.kernel.scalars[$0.scalar.index].name })
  }

  /// - Parameter code: of one row.
  mutating func add(_ step: ReduceStep, _ comment: CStatement, _ code: RowPasses) {
    let sums = step.accumulators.map {
      GatheredSum($0, places.kernel, length: length, scope: &places.scope)
    }
    declarations += sums.flatMap(\.declarations)
    loops.append(.rows([comment] + code.first + sums.flatMap { $0.put(row) }))
    let moments = sums.filter { $0.blockMean != nil }
    if !moments.isEmpty {
      addToLanes(moments.flatMap { $0.mean(Self.lane) })
      note(moments.compactMap(\.blockMean))
      loops.append(.rows(code.second + moments.flatMap { $0.putDeviations(row) }))
    }
    addToLanes(sums.flatMap { $0.results(Self.lane) })
    note(Step.reduce(step).scalars.map { places.kernel.scalars[$0.index].name })
  }

  /// - Parameter code: of one row.
  mutating func add(store code: [CStatement]) { loops.append(.rows(code)) }

  private mutating func addToLanes(_ code: [CStatement]) {
    if case .lanes(let body) = loops.last {
      loops[loops.count - 1] = .lanes(body + code)
    } else {
      loops.append(.lanes(code))
    }
  }

  private mutating func note(_ names: [String]) {
    made += names.map {
      Carried(name: $0, array: places.scope.unique("each_" + $0), loop: loops.count - 1)
    }
  }

  // The code

  /// The loop over the rows from `first` to `last`; `eachRow` writes one over some of them.
  func code(
    from first: CExpression, to last: CExpression,
    eachRow: ([CStatement], CExpression, CExpression) -> CStatement
  ) -> CStatement {
    let used = loops.map { UsedNames(in: $0.body) }
    let carried = made.filter { made in
      used.indices.contains { $0 != made.loop && used[$0].contains(made.name) }
    }
    let arrays = carried.map { value in
      CStatement.declare(.array(of: .float, count: .name("GATHERED")), value.array)
    }
    let code = loops.indices.map { place -> CStatement in
      let taken = carried.filter { $0.loop != place && used[place].contains($0.name) }
      switch loops[place] {
      case .rows(let body):
        return eachRow(
          taken.map { .constant(.float, $0.name, .index(.name($0.array), row)) } + body,
          Self.start, Self.end)
      case .lanes(let body):
        let kept = carried.filter { $0.loop == place }
        return places.loop(
          from: Self.start, to: Self.end,
          taken.map { value in
            .constant(
              .named("lanes"), value.name, .call("v_load", at(value), .name("LANES")))
          } + body
            + kept.map { .call("v_store", at($0), .name($0.name), .name("LANES")) })
      }
    }
    let together = CExpression.name(Self.together)
    let end = CExpression.call("smaller", last, .add(Self.start, together))
    return .count(
      "start", from: first, to: last, by: together,
      [.constant(.size, "end", end)] + arrays + code)
  }

  private func at(_ value: Carried) -> CExpression { .add(.name(value.array), Self.lane) }
}

/// The passes of a reduction over one row.
struct RowPasses {
  var first: [CStatement] = []
  /// Over the deviations from means of blocks.
  var second: [CStatement] = []
}
