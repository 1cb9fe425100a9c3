/// A norm whose names are resolved, whose clauses are written out as equations, and whose rules
/// all hold: what the interpreter evaluates and the compiler lowers.
///
/// Axes are *atoms*: where `group C into G` splits an axis, C itself stands nowhere; a tensor
/// `x[N, C]` has the atoms N, G, C/G, in the order of memory.
///
///     norm    ::= sizes, axes, values, outputs, phase of training, phase of evaluation, event*
///     phase   ::= equation*, update*, gradient block*
///     term    ::= number | truth | value | size | index | operation on terms | reduction
package struct CheckedNorm: Hashable, Sendable {
  /// The name of the norm, unique in its file.
  package var name: String
  /// The text of the `///` comments before the norm, a line an element, without the slashes.
  package var documentation: [String]
  /// The text of the norm as the user wrote it, from `norm` to its closing brace.
  package var source: String
  /// The texts of the norms that it calls, and of those that they call, each once.
  package var calledSources: [String]
  /// The sizes that a caller gives, in the order of arguments: axes of the head in order of
  /// appearance (a split axis as a whole), then sizes of `axis` and `group` as declared.
  package var sizes: [Size]
  /// All atomic axes; an `AxisID` is an index into it.
  package var axes: [Axis]
  /// All values; a `ValueID` is an index into it. Declared ones stand first, in source order.
  package var values: [Value]
  /// The outputs in the order of the head.
  package var outputs: [ValueID]
  /// What happens in a training call.
  package var train: Phase
  /// What happens in an evaluation call.
  package var eval: Phase
  /// The events in source order.
  package var events: [Event]

  package init(
    name: String, documentation: [String] = [], source: String = "", calledSources: [String] = [],
    sizes: [Size], axes: [Axis], values: [Value], outputs: [ValueID], train: Phase, eval: Phase,
    events: [Event] = []
  ) {
    self.name = name
    self.documentation = documentation
    self.source = source
    self.calledSources = calledSources
    self.sizes = sizes
    self.axes = axes
    self.values = values
    self.outputs = outputs
    self.train = train
    self.eval = eval
    self.events = events
  }
}

extension CheckedNorm {
  /// The text of the norm and of all that it calls: what determines it.
  package var fullSource: String { ([source] + calledSources).joined(separator: "\n\n") }
}

/// The index of a size in `CheckedNorm.sizes`.
package struct SizeID: Hashable, Comparable, Sendable {
  package let index: Int
  package init(_ index: Int) { self.index = index }
  package static func < (a: SizeID, b: SizeID) -> Bool { a.index < b.index }
}

/// The index of an atomic axis in `CheckedNorm.axes`.
package struct AxisID: Hashable, Comparable, Sendable {
  package let index: Int
  package init(_ index: Int) { self.index = index }
  package static func < (a: AxisID, b: AxisID) -> Bool { a.index < b.index }
}

/// The index of a value in `CheckedNorm.values`.
package struct ValueID: Hashable, Comparable, Sendable {
  package let index: Int
  package init(_ index: Int) { self.index = index }
  package static func < (a: ValueID, b: ValueID) -> Bool { a.index < b.index }
}

/// A size that a caller gives.
package struct Size: Hashable, Sendable {
  /// The name of the axis in the source: `N`, `C`, `G`.
  package var name: String
  /// The size where the caller says nothing; `nil` for axes of the head.
  package var standard: Int?
  /// `true` iff the axis stands for a run of dimensions (`N...`); its size is their product.
  package var isRun: Bool

  package init(name: String, standard: Int? = nil, isRun: Bool = false) {
    self.name = name
    self.standard = standard
    self.isRun = isRun
  }
}

/// An axis that is split no further.
package struct Axis: Hashable, Sendable {
  /// The name in the source: `C`, or `C/G` for the quotient of a group.
  package var name: String
  /// How long it is.
  package var extent: Extent

  package init(name: String, extent: Extent) {
    self.name = name
    self.extent = extent
  }

  /// How long an axis is.
  package enum Extent: Hashable, Sendable {
    /// A size that the caller gives.
    case size(SizeID)
    /// The first size divided by the second, which must divide it.
    case quotient(SizeID, by: SizeID)
    /// The product of some sizes divided by the last, which must divide it.
    case share(of: [SizeID], by: SizeID)
  }
}

/// One dimension of a tensor as a caller sees it: one or more atoms side by side in memory.
package struct Dimension: Hashable, Sendable {
  /// The name in the source: `C`, `G`, `C/G`, `N` for the run `N...`.
  package var name: String
  /// The atoms, slowest first: `[C]`, or `[G, C/G]` for a C that is split.
  package var axes: [AxisID]
  /// `true` iff it stands for a run of a caller's dimensions.
  package var isRun: Bool

  package init(name: String, axes: [AxisID], isRun: Bool = false) {
    self.name = name
    self.axes = axes
    self.isRun = isRun
  }
}

/// A named value of a norm.
package struct Value: Hashable, Sendable {
  package var name: String
  package var kind: Kind
  /// The dimensions in the order of memory; none for a plain number. For an equation without
  /// brackets: its axes in the order of the head, then of declaration.
  package var dimensions: [Dimension]
  /// `true` iff it is a condition, not a number.
  package var isCondition: Bool
  /// The line of the source that defines it, from 1.
  package var line: Int

  package init(
    name: String, kind: Kind, dimensions: [Dimension] = [], isCondition: Bool = false,
    line: Int = 0
  ) {
    self.name = name
    self.kind = kind
    self.dimensions = dimensions
    self.isCondition = isCondition
    self.line = line
  }

  /// The atoms in the order of memory.
  package var axes: [AxisID] { dimensions.flatMap(\.axes) }

  /// Where a value comes from.
  package enum Kind: Hashable, Sendable {
    /// A tensor of the call, differentiable.
    case tensor
    /// A learned value, differentiable; the term is its initial value (see `Term.isInitial`).
    case parameter(initial: Term)
    /// A value that survives the call.
    case state(initial: Term)
    /// A condition for each element, given at each call.
    case mask
    /// For each element a place along some atoms, slowest first, given at each call: an integer
    /// from 0, less than their product.
    case index(of: [AxisID])
    /// A number or a condition given at each call; `nil` where the source gives no default.
    case scalar(standard: Term?)
    /// The number of training calls, this one included; in evaluation, of those so far.
    case counter
    /// Defined by an equation of a phase or of both.
    case equation
    /// The adjoint that a gradient block is given (`dz` in `gradient of z by dz`).
    case adjoint(of: ValueID)
    /// A number that the caller of an event gives.
    case eventArgument
  }
}

/// What a call does in training or in evaluation.
package struct Phase: Hashable, Sendable {
  /// The equations that this phase uses, each after those that it reads.
  package var equations: [Equation]
  /// The states that the forward sets, in source order.
  package var updates: [Equation]
  /// The derivatives that the source replaces, in source order.
  package var gradients: [GradientBlock]

  package init(
    equations: [Equation] = [], updates: [Equation] = [], gradients: [GradientBlock] = []
  ) {
    self.equations = equations
    self.updates = updates
    self.gradients = gradients
  }
}

/// `value = term`; as an update, `next value = term`; in a gradient block, `grad value = term`.
package struct Equation: Hashable, Sendable {
  package var value: ValueID
  package var term: Term
  /// The line of the source, from 1.
  package var line: Int

  package init(value: ValueID, term: Term, line: Int = 0) {
    self.value = value
    self.term = term
    self.line = line
  }
}

/// `event finish(k) { … }`: a function that a caller calls between calls of the norm.
package struct Event: Hashable, Sendable {
  package var name: String
  /// The numbers that the caller gives, in order.
  package var arguments: [ValueID]
  /// The equations outside the event that it reads, each after those that it reads.
  package var shared: [Equation]
  /// Its own equations, each after those that it reads.
  package var equations: [Equation]
  /// The states, parameters and counters that it sets, in source order. A counter takes the
  /// nearest integer, of two the even one.
  package var updates: [Equation]

  package init(
    name: String, arguments: [ValueID], shared: [Equation], equations: [Equation],
    updates: [Equation]
  ) {
    self.name = name
    self.arguments = arguments
    self.shared = shared
    self.equations = equations
    self.updates = updates
  }
}

/// `gradient of z by dz { … }`: replaces the derivative of `z` with respect to everything.
package struct GradientBlock: Hashable, Sendable {
  /// The value whose derivative is replaced.
  package var value: ValueID
  /// Stands in the block for the adjoint of `value`; it has the axes of `value`.
  package var adjoint: ValueID
  /// The equations of the block, each after those that it reads.
  package var equations: [Equation]
  /// What other values receive from `value`, in source order.
  package var contributions: [Equation]
  /// The states that the backward sets.
  package var updates: [Equation]
  /// Where the source names `value`, as messages say it: `power_norm.norm:21:17`.
  package var place: String

  package init(
    value: ValueID, adjoint: ValueID, equations: [Equation], contributions: [Equation],
    updates: [Equation], place: String = ""
  ) {
    self.value = value
    self.adjoint = adjoint
    self.equations = equations
    self.contributions = contributions
    self.updates = updates
    self.place = place
  }
}
