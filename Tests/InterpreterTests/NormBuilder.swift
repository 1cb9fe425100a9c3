import Syntax

/// Puts a checked norm together without the parser.
struct NormBuilder {
  private(set) var norm = CheckedNorm(
    name: "test", sizes: [], axes: [], values: [], outputs: [], train: Phase(), eval: Phase())

  /// Adds an axis with a size of its own.
  mutating func axis(_ name: String) -> AxisID {
    norm.sizes.append(Size(name: name))
    return axis(name, .size(SizeID(norm.sizes.count - 1)))
  }

  /// Adds `group WHOLE into PART = standard`, and returns the part and the quotient.
  mutating func group(_ whole: String, into part: String, standard: Int) -> [AxisID] {
    norm.sizes.append(Size(name: whole))
    norm.sizes.append(Size(name: part, standard: standard))
    let whole = SizeID(norm.sizes.count - 2)
    let size = SizeID(norm.sizes.count - 1)
    return [axis(part, .size(size)), axis("quotient", .quotient(whole, by: size))]
  }

  private mutating func axis(_ name: String, _ extent: Axis.Extent) -> AxisID {
    norm.axes.append(Axis(name: name, extent: extent))
    return AxisID(norm.axes.count - 1)
  }

  /// Adds a value with these atoms in the order of memory, and returns how to read it.
  mutating func value(
    _ name: String, _ kind: Value.Kind, _ axes: [AxisID] = [], isCondition: Bool = false
  ) -> Term {
    let dimensions = axes.map { Dimension(name: norm.axes[$0.index].name, axes: [$0]) }
    norm.values.append(
      Value(name: name, kind: kind, dimensions: dimensions, isCondition: isCondition))
    return Term(
      .value(ValueID(norm.values.count - 1)), axes: axes.sorted(), isCondition: isCondition)
  }

  mutating func tensor(_ name: String, _ axes: [AxisID] = []) -> Term {
    value(name, .tensor, axes)
  }

  mutating func parameter(_ name: String, _ axes: [AxisID], initial: Double) -> Term {
    value(name, .parameter(initial: number(initial)), axes)
  }

  mutating func state(_ name: String, _ axes: [AxisID], initial: Double) -> Term {
    value(name, .state(initial: number(initial)), axes)
  }

  mutating func mask(_ name: String, _ axes: [AxisID]) -> Term {
    value(name, .mask, axes, isCondition: true)
  }

  mutating func scalar(_ name: String, standard: Double?) -> Term {
    value(name, .scalar(standard: standard.map { number($0) }))
  }

  /// Adds an equation to both phases, or to one.
  mutating func define(_ name: String, _ term: Term, in mode: Side = .both) -> Term {
    let read = value(name, .equation, term.axes, isCondition: term.isCondition)
    set(read, term, in: mode)
    return read
  }

  /// Gives a value that exists its equation.
  mutating func set(_ value: Term, _ term: Term, in mode: Side = .both) {
    let equation = Equation(value: value.id, term: term)
    if mode != .eval { norm.train.equations.append(equation) }
    if mode != .train { norm.eval.equations.append(equation) }
  }

  /// Adds `next state = term`.
  mutating func next(_ state: Term, _ term: Term, in mode: Side = .train) {
    let equation = Equation(value: state.id, term: term)
    if mode != .eval { norm.train.updates.append(equation) }
    if mode != .train { norm.eval.updates.append(equation) }
  }

  /// Adds an output with these axes in the order of memory.
  mutating func output(_ name: String, _ term: Term, _ axes: [AxisID]? = nil) {
    let read = value(name, .equation, axes ?? term.axes)
    set(read, term)
    norm.outputs.append(read.id)
  }

  /// Makes a value that exists an output.
  mutating func output(_ value: Term) { norm.outputs.append(value.id) }

  /// Adds a gradient block to the training phase.
  mutating func gradient(_ block: GradientBlock) { norm.train.gradients.append(block) }

  enum Side { case train, eval, both }
}

extension Term {
  /// The value that this term reads.
  var id: ValueID {
    guard case .value(let id) = form else { preconditionFailure("no value") }
    return id
  }
}

func number(_ number: Double) -> Term { Term(.number(number), axes: [], isCondition: false) }

func unary(_ function: UnaryFunction, _ x: Term) -> Term {
  Term(.unary(function, x), axes: x.axes, isCondition: false)
}

func binary(_ function: BinaryFunction, _ x: Term, _ y: Term) -> Term {
  Term(.binary(function, x, y), axes: union(x, y), isCondition: false)
}

func compare(_ comparison: Comparison, _ x: Term, _ y: Term) -> Term {
  Term(.compare(comparison, x, y), axes: union(x, y), isCondition: true)
}

func logic(_ connective: Connective, _ x: Term, _ y: Term) -> Term {
  Term(.logic(connective, x, y), axes: union(x, y), isCondition: true)
}

func not(_ x: Term) -> Term { Term(.not(x), axes: x.axes, isCondition: true) }

func select(_ condition: Term, _ x: Term, _ y: Term) -> Term {
  let axes = Set(condition.axes + x.axes + y.axes).sorted()
  return Term(.select(condition, x, y), axes: axes, isCondition: x.isCondition)
}

func reduce(
  _ kind: ReductionKind, _ axes: [AxisID], _ operand: Term, where condition: Term? = nil
) -> Term {
  let present = Set(operand.axes + (condition?.axes ?? []))
  let reduction = Term.Reduction(
    kind: kind, axes: axes.sorted(), operand: operand, condition: condition)
  return Term(.reduce(reduction), axes: present.subtracting(axes).sorted(), isCondition: false)
}

func size(_ axes: [AxisID]) -> Term { Term(.size(axes), axes: [], isCondition: false) }

func index(_ axes: [AxisID]) -> Term { Term(.index(axes), axes: axes, isCondition: false) }

func stopGradient(_ x: Term) -> Term {
  Term(.stopGradient(x), axes: x.axes, isCondition: x.isCondition)
}

func squareRoot(_ x: Term) -> Term { unary(.squareRoot, x) }

func + (x: Term, y: Term) -> Term { binary(.add, x, y) }
func - (x: Term, y: Term) -> Term { binary(.subtract, x, y) }
func * (x: Term, y: Term) -> Term { binary(.multiply, x, y) }
func / (x: Term, y: Term) -> Term { binary(.divide, x, y) }

private func union(_ x: Term, _ y: Term) -> [AxisID] { Set(x.axes + y.axes).sorted() }
