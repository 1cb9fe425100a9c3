import CCode
import LoopIR

/// A few rows that a pass over columns takes together: what is the same for all of them, and the
/// slots, stay in registers from one to the next.
struct RowGroup {
  /// The axis along which the rows follow each other.
  let axis: Int
  /// The end of the rows.
  let end: CExpression
  /// The variable that says how many rows are taken together.
  private let count: CExpression
  /// The axes of an element of the rows, whose sizes are how far apart they lie.
  private let inner: [Int]

  /// The variables that say how many rows of one array are taken together, and of two.
  static let (together, rowPairs) = ("together", "row_pairs")

  /// The rows of a sweep along `axis`; `nil` if a step has to see each of them alone.
  init?(
    of axis: Int, to end: CExpression, _ kernel: LoopKernel, _ sweep: Sweep, _ body: Body,
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
        if buffer.axes.contains(axis) {
          moving.append(buffer)
        } else if buffer.access(along: sweep.run) == .scattered {
          return nil
        }
      case .place(let axes): if axes.contains(axis) { return nil }
      case .within: return nil
      case .scalar, .parameter, .size: continue
      }
    }
    guard let first = moving.first?.axesBehind(axis), !sweep.run.isEmpty, moving.count <= 2,
      moving.allSatisfy({
        $0.axesBehind(axis) == first && $0.access(along: sweep.run) == .contiguous
      })
    else { return nil }
    self.axis = axis
    self.end = end
    inner = first
    count = .name(moving.count - writtenCount > 1 ? Self.rowPairs : Self.together)
  }

  /// The loop over the rows.
  func loop(from first: CExpression, _ index: IndexCode, _ body: [CStatement]) -> CStatement {
    .count(index.placeName(axis), from: first, to: end, by: count, body)
  }

  /// How many rows there are, and how far apart they lie, for a step at the first of them.
  func parameters(_ index: IndexCode) -> [StepParameter] {
    let rows = CExpression.call(
      "smaller", count, .subtract(end, index.place(axis)))
    return [
      StepParameter(parameter: CParameter(.size, "rows"), argument: rows, motion: .fixed),
      StepParameter(
        parameter: CParameter(.size, "apart"), argument: index.size(inner), motion: .fixed),
    ]
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

  /// `body` for each row, with all that is kept.
  func around(_ body: [CStatement], eachVector: ([CStatement]) -> CStatement) -> [CStatement] {
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
        .add(.name(pointer.origin), .multiply(.name("row"), .name("apart"))))
    }
    return declarations + (filled.isEmpty ? [] : [eachVector(filled)])
      + [.count("row", to: .name("rows"), rows + body)]
      + (putBack.isEmpty ? [] : [eachVector(putBack)])
  }
}

extension Buffer {
  /// The axes behind `axis`; `nil` where it is none of them.
  fileprivate func axesBehind(_ axis: Int) -> [Int]? {
    axes.firstIndex(of: axis).map { Array(axes[($0 + 1)...]) }
  }
}
