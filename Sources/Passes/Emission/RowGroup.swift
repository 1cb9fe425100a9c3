import CCode
import LoopIR

/// A few rows that a pass over columns takes together: what is the same for all of them, and the
/// slots, stay in registers from one to the next.
struct RowGroup {
  /// The axes along which the rows follow each other, slowest first.
  let axes: [Int]
  /// Which rows a pass takes.
  private let rows: Rows
  /// The variable that says how many rows are taken together.
  private let count: CExpression
  /// The axes of an element of the rows, whose sizes are how far apart they lie.
  private let inner: [Int]

  /// Which rows there are.
  enum Rows {
    /// All that follow, before this one.
    case all(end: CExpression)
    /// Those of a list, by their places along the axes: what a selection took.
    case listed
  }

  /// The variables that say how many rows of one array are taken together, and of two.
  static let (together, rowPairs) = ("together", "row_pairs")

  /// The rows of a sweep along `axes`; `nil` if a step has to see each of them alone.
  init?(
    of axes: [Int], _ rows: Rows, _ kernel: LoopKernel, _ sweep: Sweep, _ body: Body,
    _ actions: [StepCode.Action]
  ) {
    var moving: [Buffer] = []
    for action in actions {
      switch action {
      case .add, .count, .extreme, .deviations, .hold: continue
      case .store(_, let id, mayBeNull: false): moving.append(kernel.buffers[id.index])
      case .store, .wideExtreme, .ride: return nil
      }
    }
    let writtenCount = moving.count
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
    guard let first = moving.first?.axes(behind: axes), !sweep.run.isEmpty, moving.count <= 2,
      moving.allSatisfy({
        $0.axes(behind: axes) == first && $0.access(along: sweep.run) == .contiguous
      })
    else { return nil }
    self.axes = axes
    self.rows = rows
    inner = first
    count = .name(moving.count - writtenCount > 1 ? Self.rowPairs : Self.together)
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
  /// Arrays of vectors: what they are filled with, and where they are put at the end.
  private var arrays: [(name: String, first: CExpression, isPutBack: Bool)] = []
  private var pointers: [(name: String, type: CType, origin: String)] = []

  /// A vector that is the same for all rows.
  mutating func keep(
    _ name: String, _ value: CExpression, _ names: inout NameSet
  ) -> CExpression {
    add(name + "_of_all", value, isPutBack: false, &names)
  }

  /// A vector of slots.
  mutating func slots(
    _ name: String, _ slot: CExpression, _ names: inout NameSet
  ) -> CExpression {
    add(name + "_here", slot, isPutBack: true, &names)
  }

  private mutating func add(
    _ name: String, _ first: CExpression, isPutBack: Bool, _ names: inout NameSet
  ) -> CExpression {
    let known = arrays.first { $0.first == first }?.name
    let array = known ?? names.unique(name)
    if known == nil { arrays.append((array, first, isPutBack)) }
    return .index(.name(array), .name("v"))
  }

  /// A pointer to a row of an array.
  mutating func row(
    of array: String, _ type: CType, _ names: inout NameSet
  ) -> CExpression {
    let known = pointers.first { $0.origin == array }?.name
    let name = known ?? names.unique(array + "_row")
    if known == nil { pointers.append((name, type, array)) }
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
    let putBack = arrays.filter(\.isPutBack).map { CStatement.set($0.first, here($0.name)) }
    let rows = pointers.map { pointer in
      CStatement.constant(
        pointer.type, pointer.name,
        .add(.name(pointer.origin), .multiply(group.distance, .name("apart"))))
    }
    return declarations + (filled.isEmpty ? [] : [eachVector(filled)])
      + [.count("row", to: .name("rows"), rows + body)]
      + (putBack.isEmpty ? [] : [eachVector(putBack)])
  }
}

extension Buffer {
  /// The axes behind `axes`, which follow each other; `nil` where they do not.
  fileprivate func axes(behind axes: [Int]) -> [Int]? {
    guard let first = axes.first, let place = self.axes.firstIndex(of: first) else { return nil }
    let own = self.axes[place...]
    return own.starts(with: axes) ? Array(own.dropFirst(axes.count)) : nil
  }
}
