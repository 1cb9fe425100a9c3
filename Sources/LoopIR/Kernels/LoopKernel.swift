/// One function of a norm as loops over buffers.
///
///     kernel  ::= axis*, buffer*, parameter*, region*
///     region  ::= "for" kept axes ":" step*                 -- one executor piece is some places
///     step    ::= scalars | reduce | store
///     scalars ::= (name = lane operation)*                  -- once for each place
///     reduce  ::= "for" segments ["where" c], run ":" lane program, accumulators -> scalars
///     store   ::= "for" segments, run ":" lane program, stores
///
/// A region runs after all regions before it are done, or takes turns with the one before it; the
/// places of its kept axes are independent and may run in any order. The innermost loops are lane
/// programs along a *run*: axes that lie side by side in memory.
///
/// Where the innermost axis of memory is kept, the lanes lie along kept axes, the *columns* of the
/// region: a place is then a stretch of columns, and what is made for each column is an array.
package struct LoopKernel: Sendable {
  package var direction: Direction
  package var phase: CallPhase
  package var type: ComputeType
  /// The axes; loops and buffers refer to them by index.
  package var axes: [LoopAxis]
  package var buffers: [Buffer]
  /// Numbers and conditions that are given by value.
  package var parameters: [Parameter]
  package var regions: [Region]
  /// The values that outlive a step, of all regions.
  package var scalars: [Scalar]

  package init(
    direction: Direction, phase: CallPhase, type: ComputeType, axes: [LoopAxis],
    buffers: [Buffer], parameters: [Parameter], regions: [Region], scalars: [Scalar]
  ) {
    self.direction = direction
    self.phase = phase
    self.type = type
    self.axes = axes
    self.buffers = buffers
    self.parameters = parameters
    self.regions = regions
    self.scalars = scalars
  }
}

/// An axis that loops run over.
package struct LoopAxis: Hashable, Sendable {
  /// The name in the source: `C`, `C/G`.
  package var name: String
  package var extent: ArrayDimension.Extent

  package init(name: String, extent: ArrayDimension.Extent) {
    self.name = name
    self.extent = extent
  }
}

/// The index of a buffer in `LoopKernel.buffers`.
package struct BufferID: Hashable, Comparable, Sendable {
  package let index: Int
  package init(_ index: Int) { self.index = index }
  package static func < (a: BufferID, b: BufferID) -> Bool { a.index < b.index }
}

/// The index of a parameter in `LoopKernel.parameters`.
package struct ParameterID: Hashable, Sendable {
  package let index: Int
  package init(_ index: Int) { self.index = index }
}

/// The index of a scalar in `LoopKernel.scalars`.
package struct ScalarID: Hashable, Comparable, Sendable {
  package let index: Int
  package init(_ index: Int) { self.index = index }
  package static func < (a: ScalarID, b: ScalarID) -> Bool { a.index < b.index }
}

/// An array in memory, dense and row-major.
package struct Buffer: Hashable, Sendable {
  /// The name in C.
  package var name: String
  package var element: Element
  /// The axes, slowest first.
  package var axes: [Int]
  package var role: Role
  /// The argument whose elements it has, where that is another one.
  package var source: String?
  /// It has the axes once for each block of this sum, the blocks slowest; `nil` for one array.
  package var blocks: SumOrder?

  package init(
    name: String, element: Element, axes: [Int], role: Role, source: String? = nil,
    blocks: SumOrder? = nil
  ) {
    self.source = source
    self.blocks = blocks
    self.name = name
    self.element = element
    self.axes = axes
    self.role = role
  }

  package enum Element: Hashable, Sendable {
    /// A number in the kernel's compute type.
    case number
    /// A number of 16 bits, which is converted as it is read and rounded as it is written.
    case short(ShortFormat)
    /// A float64.
    case wide
    /// A byte, 0 or not 0.
    case mask
    /// An int64; what is written is a float64 that holds a whole number.
    case count
  }

  package enum Role: Hashable, Sendable {
    /// An argument that is read.
    case input
    /// An argument of integers, which the call makes numbers of in the workspace.
    case index
    /// An argument that is written, or NULL.
    case output
    /// A part of the workspace: written by one region, read by later ones, or at each place of a
    /// region by one sweep, read by later ones of the place.
    case workspace
    /// A row on the stack: written by one sweep of a place, read by later ones of the same place.
    case row
  }
}

/// A number or condition that is given by value.
package struct Parameter: Hashable, Sendable {
  /// The name in C.
  package var name: String
  package var kind: Kind

  package init(name: String, kind: Kind) {
    self.name = name
    self.kind = kind
  }

  package enum Kind: Hashable, Sendable {
    /// A `double`.
    case number
    /// A `bool`.
    case flag
    /// An `int64_t`.
    case counter
  }
}

/// A value that is made once for each place of a region's kept axes, or once for the region.
package struct Scalar: Hashable, Sendable {
  /// The name in C, unique in its kernel.
  package var name: String
  package var type: LaneType
  /// `true` iff there is one for each column of the region.
  package var isOfColumn: Bool

  package init(name: String, type: LaneType, isOfColumn: Bool) {
    self.name = name
    self.type = type
    self.isOfColumn = isOfColumn
  }
}

/// Loops over kept axes, with steps for each place.
package struct Region: Sendable {
  /// What it makes, for the comment in C: `y`, `mean, rstd`.
  package var title: String
  /// The loop axes, slowest first; none for a single place.
  package var kept: [Int]
  /// The kept axes along which the lanes lie, slowest first; none where they lie along axes
  /// inside of a place.
  package var columns: [Int]
  /// Made once, before the loops.
  package var prologue: [ScalarStep]
  package var steps: [Step]
  /// The steps where each sum is one block, if these are others.
  package var stepsOfOneBlock: [Step]?
  /// Sums over the last kept axes that ride in the sweeps; `nil` if there are none.
  package var rides: Rides?
  /// Sums that rode in an earlier region: their blocks are joined before the steps.
  package var joins: [Join] = []
  /// `true` iff it takes turns with the region before it, which loops over the same kept axes and
  /// more inside of these: that one makes what a few places here need, then these are taken, and
  /// find in the cache what both read.
  package var takesTurns = false
  /// The columns of that one, where a turn is a stretch of them: of each row, a place here, what
  /// lies in the stretch is taken. Threads whose stretches are short take whole rows instead, after
  /// that region, and write no lines side by side. None where turns are of places.
  package var turnColumns: [Int] = []

  package init(
    title: String, kept: [Int], columns: [Int], prologue: [ScalarStep], steps: [Step]
  ) {
    self.title = title
    self.kept = kept
    self.columns = columns
    self.prologue = prologue
    self.steps = steps
  }
}

/// What a sum runs over, which defines its blocks.
package struct SumOrder: Hashable, Sendable {
  /// The axes that are summed over and lie outside of the run, slowest first.
  package var segments: [Int]
  /// The innermost axes of memory that are summed over; none if the innermost one is kept.
  package var run: [Int]

  package init(segments: [Int], run: [Int]) {
    self.segments = segments
    self.run = run
  }
}

/// Sums over the last kept axes of a region, its *rows*, that are taken along in its sweeps, so
/// that what they read is read once.
///
/// A region with rides is cut into its outer places and the blocks of rows of the sums: no place
/// shares a block with another. The slots of each block go to the workspace; a later region joins
/// them (`Join`), in the order that the sum would have had alone.
package struct Rides: Hashable, Sendable {
  /// The order of all sums; its segments are the last kept axes of the region.
  package var order: SumOrder
  /// The slots: numbers, for each block and each place that the sum keeps. A run has an axis of
  /// slots innermost; without a run there is one slot for each column.
  package var slots: [BufferID]

  package init(order: SumOrder, slots: [BufferID]) {
    self.order = order
    self.slots = slots
  }
}

/// A sum that rode in an earlier region, in the order that its slots have.
package struct Join: Hashable, Sendable {
  package var slots: BufferID
  package var scalar: ScalarID

  package init(slots: BufferID, scalar: ScalarID) {
    self.slots = slots
    self.scalar = scalar
  }
}

/// One sum that rides: each lane adds to a slot, that of its column or of its place in the run.
package struct Rider: Hashable, Sendable {
  package var slots: BufferID
  package var value: LaneValue
  package var factor: LaneValue?
  package var condition: LaneValue?

  package init(slots: BufferID, value: LaneValue, factor: LaneValue?, condition: LaneValue?) {
    self.slots = slots
    self.value = value
    self.factor = factor
    self.condition = condition
  }
}

package enum Step: Sendable {
  case scalars(ScalarStep)
  case reduce(ReduceStep)
  case store(StoreStep)
}

/// Where an argument of a lane program comes from.
package enum Source: Hashable, Sendable {
  /// The element of a buffer at the place of all loops.
  case load(BufferID)
  case scalar(ScalarID)
  /// As `wide` or as a condition.
  case parameter(ParameterID)
  /// The product of the extents of axes, as `wide`.
  case size([Int])
  /// The place along axes, slowest first, as `wide`, or rounded to a number.
  case place([Int])
  /// Whether the place along the run is in a range.
  case within(PlaceRange)
}

/// A lane program with what its arguments are; argument i is `arguments[i]`.
package struct Body: Hashable, Sendable {
  package var program: LaneProgram
  package var arguments: [Source]

  package init(program: LaneProgram = LaneProgram(), arguments: [Source] = []) {
    self.program = program
    self.arguments = arguments
  }
}

/// Values that are computed once for each place of the kept axes.
package struct ScalarStep: Sendable {
  /// `true` iff they are computed for each column.
  package var isOfColumns: Bool
  package var body: Body
  /// Values that later steps use.
  package var defines: [(value: LaneValue, scalar: ScalarID)]
  /// Values that go to memory, at the place of the kept axes.
  package var stores: [(value: LaneValue, buffer: BufferID)]

  package init(
    isOfColumns: Bool, body: Body, defines: [(value: LaneValue, scalar: ScalarID)],
    stores: [(value: LaneValue, buffer: BufferID)]
  ) {
    self.isOfColumns = isOfColumns
    self.body = body
    self.defines = defines
    self.stores = stores
  }
}

/// The loops inside a place of the kept axes.
package struct Sweep: Hashable, Sendable {
  /// Axes that are looped over, slowest first.
  package var segments: [Int]
  /// Axes along which the lanes lie, slowest first; the columns of the region where it has such.
  package var run: [Int]

  package init(segments: [Int], run: [Int]) {
    self.segments = segments
    self.run = run
  }
}

/// A sweep that reduces, in the canonical order of sums.
package struct ReduceStep: Sendable {
  package var sweep: Sweep
  package var body: Body
  package var accumulators: [Accumulator]
  package var riders: [Rider] = []
  /// Values that later sweeps of the place read.
  package var keeps: [(value: LaneValue, row: BufferID)] = []
  /// The rows that are taken; `nil` takes all.
  package var selection: RowSelection?

  package init(sweep: Sweep, body: Body, accumulators: [Accumulator]) {
    self.sweep = sweep
    self.body = body
    self.accumulators = accumulators
  }
}

/// One reduction of a sweep.
package struct Accumulator: Sendable {
  /// What its variables in C are named after, unique in its kernel: `x`, `d_y_normalized`.
  package var name: String
  package var kind: Kind
  /// What is accumulated.
  package var value: LaneValue
  /// Multiplies the value, rounded once with the sum; for totals only.
  package var factor: LaneValue?
  /// Selects the elements that are taken; `nil` takes all.
  package var condition: LaneValue?

  package init(
    name: String, kind: Kind, value: LaneValue, factor: LaneValue?, condition: LaneValue?
  ) {
    self.name = name
    self.kind = kind
    self.value = value
    self.factor = factor
    self.condition = condition
  }

  package enum Kind: Hashable, Sendable {
    /// The sum, wide.
    case total(ScalarID)
    /// The mean and the sum of squared deviations, wide; `nil` is not wanted.
    case moments(mean: ScalarID?, squares: ScalarID?)
    /// In the type of the value.
    case maximum(ScalarID)
    case minimum(ScalarID)
  }
}

/// A sweep that writes.
package struct StoreStep: Sendable {
  package var sweep: Sweep
  package var body: Body
  package var stores: [(value: LaneValue, buffer: BufferID)]
  package var riders: [Rider] = []

  package init(
    sweep: Sweep, body: Body, stores: [(value: LaneValue, buffer: BufferID)]
  ) {
    self.sweep = sweep
    self.body = body
    self.stores = stores
  }
}
