import Basics
import CCode
import LoopIR
import TensorIR

/// Turns the graph of one function into loops over buffers.
///
///     %mean = …moment_mean[C](x)…               for N:
///     %rstd = rsqrt (%var + eps)        ->        reduce C: moments of x
///     output y[N, C] = …                          mean = …; rstd = …
///     saved mean[N] = %mean                       store C: y = (x - mean) * rstd * weight + bias
///
/// Reductions are grouped in regions by the axes that they keep (`RegionPlan`). In a region, for
/// each place of the kept axes: sweeps over the reduced axes, one for each level of reductions
/// that read each other; the values in between, once a place; then the sweeps that write. What
/// one region needs of another goes through arrays of statistics in the workspace: nothing of the
/// size of a tensor is ever stored but results.
///
/// - Requires: `precision` and `contraction` were run. Every order of sums is defined by the
///   graph; no choice made here changes a bit.
package func scheduled(
  _ graph: Graph, _ direction: Direction, _ phase: CallPhase, _ types: StorageTypes
) -> LoopKernel {
  var scheduling = Scheduling(graph, direction, phase, types)
  return scheduling.run()
}

struct Scheduling {
  let graph: Graph
  let plan: RegionPlan
  private let types: StorageTypes
  var kernel: LoopKernel
  /// Names of scalars and workspace arrays that are taken.
  var names: NameSet
  /// The names of arrays that are read: only the scalar that is loaded from one may have its name.
  private(set) var arrayNames: Set<String> = []
  /// Where each input of the graph comes from.
  private(set) var inputs: [Source] = []
  /// The buffers of results, by their place in `graph.results`.
  private var resultBuffers: [String: BufferID] = [:]
  /// The workspace arrays of values that cross regions.
  private(set) var crossings: [Node: BufferID] = [:]
  /// The slots of sums that ride in another region.
  private(set) var rides: [Node: BufferID] = [:]

  init(_ graph: Graph, _ direction: Direction, _ phase: CallPhase, _ types: StorageTypes) {
    var graph = graph
    // A counter that is saved is copied by the caller's side of the kernel.
    graph.results.removeAll { $0.kind == .savedCounter }
    self.graph = graph
    self.types = types
    plan = RegionPlan(graph)
    kernel = LoopKernel(
      direction: direction, phase: phase, type: types.compute,
      axes: graph.axes.map { LoopAxis(name: $0.name, extent: extent($0.extent)) },
      buffers: [], parameters: [], regions: [], scalars: [])
    names = NameSet(graph.axes.map(\.name), reserving: reservedNames)
  }

  mutating func run() -> LoopKernel {
    for input in graph.inputs { inputs.append(declare(input)) }
    for result in graph.results {
      let name = argumentName(of: result)
      kernel.buffers.append(
        Buffer(
          name: name, element: types.element(of: result), axes: result.axes, role: .output))
      resultBuffers[name] = BufferID(kernel.buffers.count - 1)
    }
    for region in plan.regions {
      for node in region.crossings { declareCrossing(node, region.kept + region.columns) }
    }
    for region in plan.regions {
      guard let order = region.rideOrder,
        let home = plan.regions.first(where: { $0.isJoined && $0.reductions == region.riders })
      else { continue }
      for node in region.riders { declareRide(node, order, home.kept + home.columns) }
    }
    for index in plan.regions.indices {
      var builder = RegionBuilder(self, index)
      var region = builder.run()
      if let turnColumns = plan.turnColumns(index), let last = kernel.regions.last,
        last.turnColumns.isEmpty, kernel.share(last, region)
      {
        (region.takesTurns, region.turnColumns) = (true, turnColumns)
      }
      kernel.regions.append(region)
      kernel.scalars = builder.scheduling.kernel.scalars
      names = builder.scheduling.names
    }
    var regionHoisting = RegionHoisting(kernel, names)
    kernel = regionHoisting.run()
    var hoisting = InvariantHoisting(kernel, regionHoisting.names)
    kernel = hoisting.run()
    var keeping = RowKeeping(kernel, hoisting.names)
    var ranges = PlaceRanges(keeping.run().selectingRows(), keeping.names)
    return ranges.run()
  }

  private mutating func append(_ buffer: Buffer) -> BufferID {
    kernel.buffers.append(buffer)
    return BufferID(kernel.buffers.count - 1)
  }

  private mutating func declare(_ input: GraphInput) -> Source {
    let parameter: Parameter.Kind
    switch input.kind {
    case .tensor, .outputGradient, .tangent, .gradientAdjoint, .parameter, .state, .saved, .mask,
      .index, .merged:
      arrayNames.insert(input.name)
      let element = types.element(of: input)
      let role: Buffer.Role = input.kind == .index ? .index : .input
      return .load(
        append(
          Buffer(
            name: input.name, element: element, axes: input.axes, role: role,
            source: input.source)))
    case .scalar, .placeholder: parameter = .number
    case .flag: parameter = .flag
    case .counter, .savedCounter: parameter = .counter
    }
    _ = names.unique(input.name)
    kernel.parameters.append(Parameter(name: input.name, kind: parameter))
    return .parameter(ParameterID(kernel.parameters.count - 1))
  }

  private mutating func declareCrossing(_ node: Node, _ kept: [Int]) {
    guard crossings[node] == nil else { return }
    let own = graph.name(node) ?? StatisticNames(graph).name(of: node)
    let name = names.unique(own + "_of_each")
    kernel.buffers.append(
      Buffer(
        name: name, element: graph.type(node) == .wide ? .wide : .number, axes: kept,
        role: .workspace))
    crossings[node] = BufferID(kernel.buffers.count - 1)
  }

  /// Makes the slots of a sum that rides.
  private mutating func declareRide(_ node: Node, _ order: SumOrder, _ kept: [Int]) {
    var axes = kept
    if !order.run.isEmpty {
      axes.append(kernel.slotAxis ?? kernel.axes.count)
      if kernel.slotAxis == nil {
        kernel.axes.append(
          LoopAxis(name: LoopKernel.slotAxisName, extent: .fixed(kernel.type.prelude.slots)))
      }
    }
    let result = graph.results.first { graph.elementwiseReach(of: [$0.node]).contains(node) }
    let name = result.map { argumentName(of: $0) } ?? graph.name(node) ?? "sum"
    rides[node] = append(
      Buffer(
        name: names.unique("slots_" + name), element: .number, axes: axes, role: .workspace,
        blocks: order))
  }

  func buffer(of result: GraphResult) -> BufferID {
    guard let buffer = resultBuffers[argumentName(of: result)] else {
      preconditionFailure("internal error in scheduling: \(result.name) has no buffer")
    }
    return buffer
  }
}

/// The name in C of the argument for a result.
func argumentName(of result: GraphResult) -> String {
  switch result.kind {
  case .output, .saved, .savedCounter, .partial: result.name
  case .nextState, .nextCounter: "next_" + result.name
  case .gradient, .secondGradient: "d_" + result.name
  case .tangent: "t_" + result.name
  case .outputGradientAdjoint: "dd_" + result.name
  }
}

extension [ArrayDimension.Extent] {
  /// The product; a number where all are numbers.
  var multiplied: ArrayDimension.Extent {
    let numbers = compactMap(\.number)
    return numbers.count == count ? .fixed(numbers.reduce(1, *)) : .product(self)
  }
}

extension ArrayDimension.Extent {
  /// The quotient; a number where both are numbers.
  func divided(by part: Self) -> Self {
    guard let whole = number, let divisor = part.number, divisor > 0 else {
      return .quotient(self, by: part)
    }
    return .fixed(whole / divisor)
  }
}

/// The extent of an axis of a graph, in the terms of loops.
func extent(_ value: AxisExtent) -> ArrayDimension.Extent {
  switch value {
  case .size(let name): return .size(name)
  case .fixed(let value): return .fixed(value)
  case .quotient(let dividend, let divisor):
    return extent(dividend).divided(by: extent(divisor))
  case .ranks: unreachable("scheduling: ranks are cut before")
  case .product(let factors): return factors.map { extent($0) }.multiplied
  }
}
