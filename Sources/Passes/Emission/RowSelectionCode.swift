import Basics
import CCode
import LoopIR

/// Writes the choice of the rows of a sweep: scalar code at each place of its segments.
struct RowSelectionCode {
  /// The variable that counts the rows of a block that are taken.
  static let rowsTaken = "rows_taken"
  /// The list of their places, and the variable that goes through it.
  static let (list, nextRow) = ("taken", "next_row")

  private let selection: RowSelection
  private let kernel: LoopKernel
  private let index: IndexCode
  private let run: [Int]
  /// The names that are taken around the sweep.
  private let names: NameSet

  init(
    _ selection: RowSelection, _ kernel: LoopKernel, _ index: IndexCode, along run: [Int],
    _ names: NameSet
  ) {
    self.selection = selection
    self.kernel = kernel
    self.index = index
    self.run = run
    self.names = names
  }

  /// The variables that hold where rows lie that are taken: the first, and the end.
  static let (firstRow, endOfRows) = ("first_row", "end_of_rows")

  /// `true` iff these are known.
  var isBounded: Bool { selection.range != nil }

  /// The declarations of these.
  var bounds: [CStatement] {
    guard let range = selection.range else { return [] }
    let ends = PlaceRangeCode(range, kernel, index, along: range.axes)
    return [
      .constant(.size, Self.firstRow, ends.first), .constant(.size, Self.endOfRows, ends.end),
    ]
  }

  /// `row` where the row is taken, which is counted if asked.
  func statements(_ row: [CStatement], isCounted: Bool) -> [CStatement] {
    let count = isCounted ? [CStatement.add(.name(Self.rowsTaken), .size(1))] : []
    let isTaken = condition
    return isTaken.before + [.branch(isTaken.value, count + row)]
  }

  /// Appends the row at `place` to the list if it is taken: without a branch, as no processor
  /// foresees what masks say.
  func listing(_ place: CExpression) -> [CStatement] {
    let isTaken = condition
    return isTaken.before + [
      .set(.index(.name(Self.list), .name(Self.rowsTaken)), place),
      .add(.name(Self.rowsTaken), .cast(.size, isTaken.value)),
    ]
  }

  /// The declaration of the list, which is empty.
  static var emptyList: [CStatement] {
    [
      .declare(.array(of: .size, count: .name("LONGEST_CHAIN")), list),
      .declare(.size, rowsTaken, .size(0)),
    ]
  }

  /// Whether a row is taken, and what that takes.
  private var condition: (before: [CStatement], value: CExpression) {
    let program = selection.body.program
    if let mask = selection.body.source(of: program.operations[selection.condition.index]) {
      return ([], source(mask))
    }
    let code = ProgramCode(
      program, kernel.type, .scalar,
      arguments: selection.body.arguments.map { source($0) }, roots: [selection.condition],
      names: names)
    return (code.statements, code[selection.condition])
  }

  private func source(_ source: Source) -> CExpression {
    switch source {
    case .load(let id):
      let buffer = kernel.buffers[id.index]
      let offset = index.offset(buffer, around: run)
      return buffer.element.read(.index(buffer.array(in: kernel), offset ?? .size(0)))
    case .scalar(let id): return .name(kernel.scalars[id.index].name)
    case .place(let axes): return index.placeNumber(axes)
    case .parameter, .size, .within:
      unreachable("emission: a sweep reads what a scalar should hold")
    }
  }
}
