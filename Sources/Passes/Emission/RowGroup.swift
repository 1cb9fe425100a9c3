import CCode
import LoopIR

/// A few rows that a pass takes together: slots, and over columns what is the same for all rows,
/// stay in registers from one to the next.
///
/// Each slot takes the same terms in the same order: the bits are the same.
struct RowGroup {
  /// The axes along which the rows follow each other, slowest first.
  let axes: [Int]
  /// Which rows a pass takes.
  private let rows: Rows
  /// The variable that says how many rows are taken together.
  let count: CExpression
  /// The axes of an element of the rows, whose sizes are how far apart they lie.
  private let inner: [Int]
  /// Whether what is the same for all rows is kept in registers, too.
  let keepsShared: Bool

  /// Which rows there are.
  enum Rows {
    /// All that follow, before this one.
    case all(end: CExpression)
    /// Those of a list, by their places along the axes: what a selection took.
    case listed
  }

  /// The variables that say how many rows of one array are taken together, and of two.
  static let (together, rowPairs) = ("together", "row_pairs")

  /// The rows along `axes` of a sweep over columns; `nil` if a step has to see each of them alone.
  init?(
    of axes: [Int], _ rows: Rows, _ kernel: LoopKernel, _ sweep: Sweep, _ body: Body,
    _ actions: [StepCode.Action]
  ) {
    var written: [Buffer] = []
    for action in actions {
      switch action {
      case .add, .count, .extreme, .deviations, .hold: continue
      case .store(_, let id, mayBeNull: false): written.append(kernel.buffers[id.index])
      case .store, .wideExtreme, .ride: return nil
      }
    }
    guard let moving = Self.moving(along: axes, kernel, sweep, body, written), moving.count <= 2
    else { return nil }
    self.axes = axes
    self.rows = rows
    inner = moving.inner
    count = .name(moving.count - written.count > 1 ? Self.rowPairs : Self.together)
    keepsShared = true
  }

  /// The rows of a set in whose sweep sums ride, each a place of its region; `nil` if a step has to
  /// see each of them alone. Several sums leave no registers for what is the same for all rows.
  init?(ofSet rides: Rides, _ kernel: LoopKernel, _ step: StoreStep) {
    axes = rides.order.segments
    let written = step.stores.map { kernel.buffers[$0.buffer.index] }
    guard rides.order.run.isEmpty, step.sweep.segments.isEmpty,
      let moving = Self.moving(along: axes, kernel, step.sweep, step.body, written)
    else { return nil }
    rows = .all(end: .name("last_row"))
    inner = moving.inner
    count = .name(Self.together)
    keepsShared = false
  }

  /// How many arrays there are of which each row has elements of its own, `written` ones and those
  /// that are read, and the axes of these elements; `nil` if a step has to see each row alone.
  private static func moving(
    along axes: [Int], _ kernel: LoopKernel, _ sweep: Sweep, _ body: Body, _ written: [Buffer]
  ) -> (count: Int, inner: [Int])? {
    var moving = written
    for source in body.arguments {
      switch source {
      case .load(let id):
        let buffer = kernel.buffers[id.index]
        if buffer.axes.contains(where: axes.contains) {
          moving.append(buffer)
        } else if buffer.access(along: sweep.run) == .scattered {
          return nil
        }
      case .place(let places): if places.contains(where: axes.contains) { return nil }
      case .within: return nil
      case .scalar, .parameter, .size: continue
      }
    }
    guard let first = moving.first?.axes(behind: axes), !sweep.run.isEmpty,
      moving.allSatisfy({
        $0.axes(behind: axes) == first && $0.access(along: sweep.run) == .contiguous
      })
    else { return nil }
    return (moving.count, first)
  }

  /// The loop over the rows, which `place` counts from `first` on.
  func loop(_ place: String, from first: CExpression, _ body: [CStatement]) -> CStatement {
    switch rows {
    case .all(let end): .count(place, from: first, to: end, by: count, body)
    case .listed:
      .count(RowSelectionCode.nextRow, to: .name(RowSelectionCode.rowsTaken), by: count, body)
    }
  }

  /// How many rows there are, which if they are listed, and how far apart they lie, for a step at
  /// the first of them.
  func parameters(_ index: IndexCode) -> [StepParameter] {
    let apart = StepParameter(
      parameter: CParameter(.size, "apart"), argument: index.size(inner), motion: .fixed)
    let rows = { (end: CExpression, first: CExpression) in
      StepParameter(
        parameter: CParameter(.size, "rows"),
        argument: .call("smaller", count, .subtract(end, first)), motion: .fixed)
    }
    switch self.rows {
    case .all(let end): return [rows(end, index.counter(of: axes)), apart]
    case .listed:
      let (next, list) = (
        CExpression.name(RowSelectionCode.nextRow), RowSelectionCode.list
      )
      return [
        rows(.name(RowSelectionCode.rowsTaken), next),
        StepParameter(
          parameter: CParameter(.pointer(toConst: .size), list), argument: .add(.name(list), next),
          motion: .fixed),
        apart,
      ]
    }
  }

  var isListed: Bool { if case .listed = rows { true } else { false } }

  /// The axes along which a list says where a row lies, no variable of a loop.
  var listedAxes: [Int] { isListed ? axes : [] }

  /// How many rows behind the first pointer of a step its row `row` lies.
  var distance: CExpression {
    switch rows {
    case .all: .name("row")
    case .listed: .index(.name(RowSelectionCode.list), .name("row"))
    }
  }
}

/// What a step for a group of rows keeps in registers.
struct GroupRegisters {
  private var arrays: [Kept] = []
  private var pointers: [(name: String, type: CType, origin: String, mayBeNull: Bool)] = []

  /// An array of vectors: what it is filled with, and what becomes of it at the end.
  private struct Kept {
    var name: String
    var first: CExpression
    var end: End
  }

  private enum End {
    case forgotten
    /// It is put back in the variable that it came from.
    case putBack
    /// It is put back in memory.
    case stored(at: CExpression)
  }

  /// A vector that is the same for all rows.
  mutating func keep(
    _ name: String, _ value: CExpression, _ names: inout NameSet
  ) -> CExpression {
    add(name + "_of_all", value, .forgotten, &names)
  }

  /// A vector of slots.
  mutating func slots(
    _ name: String, _ slot: CExpression, _ names: inout NameSet
  ) -> CExpression {
    add(name + "_here", slot, .putBack, &names)
  }

  /// A vector of slots in memory.
  mutating func slots(
    _ name: String, at place: CExpression, _ names: inout NameSet
  ) -> CExpression {
    add(name + "_here", .call("v_load", place, .name("n")), .stored(at: place), &names)
  }

  private mutating func add(
    _ name: String, _ first: CExpression, _ end: End, _ names: inout NameSet
  ) -> CExpression {
    let known = arrays.first { $0.first == first }?.name
    let array = known ?? names.unique(name)
    if known == nil { arrays.append(Kept(name: array, first: first, end: end)) }
    return .index(.name(array), .name("v"))
  }

  /// A pointer to a row of an array.
  mutating func row(
    of array: String, _ type: CType, mayBeNull: Bool, _ names: inout NameSet
  ) -> CExpression {
    let known = pointers.first { $0.origin == array }?.name
    let name = known ?? names.unique(array + "_row")
    if known == nil { pointers.append((name, type, array, mayBeNull)) }
    return .name(name)
  }

  /// `body` for each row of a group, with all that is kept.
  func around(
    _ body: [CStatement], of group: RowGroup, eachVector: ([CStatement]) -> CStatement
  ) -> [CStatement] {
    let declarations = arrays.flatMap { array -> [CStatement] in
      [
        .declare(.array(of: .named("lanes"), count: .name("VECTORS")), array.name),
        .expression(.callVariant("clear", [.name(array.name)])),
      ]
    }
    let here = { (name: String) in CExpression.index(.name(name), .name("v")) }
    let filled = arrays.map { CStatement.set(here($0.name), $0.first) }
    let putBack = arrays.compactMap { array -> CStatement? in
      switch array.end {
      case .forgotten: nil
      case .putBack: .set(array.first, here(array.name))
      case .stored(let place): .call("v_store", place, here(array.name), .name("n"))
      }
    }
    let rows = pointers.map { pointer in
      let first = CExpression.name(pointer.origin)
      let row = CExpression.add(first, .multiply(group.distance, .name("apart")))
      return CStatement.constant(
        pointer.type, pointer.name,
        pointer.mayBeNull ? .conditional(first, row, .name("NULL")) : row)
    }
    return declarations + (filled.isEmpty ? [] : [eachVector(filled)])
      + [.count("row", to: .name("rows"), rows + body)]
      + (putBack.isEmpty ? [] : [eachVector(putBack)])
  }
}

extension Buffer {
  /// The axes behind `axes`, which follow each other; `nil` where they do not.
  func axes(behind axes: [Int]) -> [Int]? {
    guard let first = axes.first, let place = self.axes.firstIndex(of: first) else { return nil }
    let own = self.axes[place...]
    return own.starts(with: axes) ? Array(own.dropFirst(axes.count)) : nil
  }
}
