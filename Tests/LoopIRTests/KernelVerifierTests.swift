import Testing

@testable import LoopIR

@Suite struct KernelVerifierTests {
  @Test func aGoodKernelHasNoProblems() {
    #expect(centering().problems() == [])
  }

  @Test(arguments: KernelFlaw.all)
  func aFlawIsReported(flaw: KernelFlaw) {
    var kernel = centering()
    flaw.make(&kernel)
    let problems = kernel.problems()
    #expect(problems.contains { $0.hasSuffix(flaw.problem) }, "\(problems)")
  }
}

/// A kernel that is well formed but for one thing.
struct KernelFlaw: CustomTestStringConvertible, Sendable {
  /// How the report of it ends.
  var problem: String
  var make: @Sendable (inout LoopKernel) -> Void

  var testDescription: String { problem }

  static let all: [KernelFlaw] = loops + reads + writes

  private static let loops: [KernelFlaw] = [
    KernelFlaw(problem: "loops over an axis twice") { $0.regions[0].kept = [0, 0] },
    KernelFlaw(problem: "loops over an unknown axis") { $0.regions[0].kept = [7] },
    KernelFlaw(problem: "reduces over nothing") { kernel in
      kernel.editReduction { $0.sweep.run = [] }
    },
    KernelFlaw(problem: "x has axes that are not looped over") { $0.regions[0].kept = [] },
    KernelFlaw(problem: "a sweep does not run along the columns") { kernel in
      kernel.regions[0].kept = []
      kernel.regions[0].columns = [0]
    },
    KernelFlaw(problem: "scalars of columns that are not") { kernel in
      kernel.editScalars { $0.isOfColumns = true }
    },
    KernelFlaw(problem: "reads a place that is not looped over") { kernel in
      kernel.editScalars { $0.body.arguments[0] = .place([1]) }
    },
  ]

  private static let reads: [KernelFlaw] = [
    KernelFlaw(problem: "there is no argument 0") { kernel in
      kernel.editReduction { $0.body.arguments = [] }
    },
    KernelFlaw(problem: "argument 0 is a number, read as a wide") { kernel in
      kernel.editScalars { $0.body.arguments[0] = .scalar(ScalarID(1)) }
    },
    KernelFlaw(problem: "mean is read before it is made") { $0.regions[0].steps.remove(at: 1) },
    KernelFlaw(problem: "reads an unknown scalar") { kernel in
      kernel.editScalars { $0.body.arguments[0] = .scalar(ScalarID(9)) }
    },
    KernelFlaw(problem: "reads an unknown array") { kernel in
      kernel.editReduction { $0.body.arguments[0] = .load(BufferID(9)) }
    },
    KernelFlaw(problem: "reads an unknown parameter") { kernel in
      kernel.editScalars { $0.body.arguments[0] = .parameter(ParameterID(0)) }
    },
    KernelFlaw(problem: "y is read, though an output") { kernel in
      kernel.editReduction { $0.body.arguments[0] = .load(BufferID(1)) }
    },
    KernelFlaw(problem: "means is read before it is written") { kernel in
      kernel.editScalars { $0.stores = [] }
    },
    KernelFlaw(problem: "joins blocks before they are written") { kernel in
      kernel.regions[0].joins = [Join(slots: BufferID(2), scalar: ScalarID(0))]
    },
    KernelFlaw(problem: "joins what has no blocks") { kernel in
      kernel.regions[0].joins = [Join(slots: BufferID(2), scalar: ScalarID(0))]
    },
    KernelFlaw(problem: "%1: operand %1 is not defined before") { kernel in
      kernel.editScalars { step in
        step.body.program = LaneProgram()
        step.body.program.append(.argument(0), .wide)
        step.body.program.append(.narrow(LaneValue(1)), .number)
      }
    },
  ]

  private static let writes: [KernelFlaw] = [
    KernelFlaw(problem: "y is never written") { $0.regions[0].steps.removeLast() },
    KernelFlaw(problem: "means is written twice") { kernel in
      kernel.editScalars { $0.stores += $0.stores }
    },
    KernelFlaw(problem: "x is written, though an input") { kernel in
      kernel.editScalars { $0.stores[0].buffer = BufferID(0) }
    },
    KernelFlaw(problem: "y is not written once an element") { kernel in
      kernel.editScalars { $0.stores[0].buffer = BufferID(1) }
    },
    KernelFlaw(problem: "means is written with a wide") { kernel in
      kernel.editScalars { $0.stores[0].value = LaneValue(0) }
    },
    KernelFlaw(problem: "means is written, though a mask") { $0.buffers[2].element = .mask },
    KernelFlaw(problem: "there is no value %9") { kernel in
      kernel.editReduction { $0.accumulators[0].value = LaneValue(9) }
    },
    KernelFlaw(problem: "mean is made twice") { kernel in
      kernel.editScalars { $0.defines += $0.defines }
    },
    KernelFlaw(problem: "mean is a wide, made of a number") { $0.scalars[1].type = .wide },
    KernelFlaw(problem: "an extremum with a factor") { kernel in
      kernel.editReduction { step in
        step.accumulators[0].factor = LaneValue(0)
        step.accumulators[0].kind = .maximum(ScalarID(0))
      }
    },
    KernelFlaw(problem: "selects by what is no condition") { kernel in
      kernel.editReduction { $0.accumulators[0].condition = LaneValue(0) }
    },
    KernelFlaw(problem: "sums ride over other axes than the last kept ones") { kernel in
      kernel.regions[0].rides = Rides(order: SumOrder(segments: [1], run: []), slots: [])
    },
    KernelFlaw(problem: "the slots of a sum that rides are of another order") { kernel in
      kernel.regions[0].rides = Rides(
        order: SumOrder(segments: [0], run: []), slots: [BufferID(2)])
    },
    KernelFlaw(problem: "takes turns with a region of other places") { kernel in
      kernel.regions.append(kernel.regions[0])
      kernel.regions[1].kept = [1]
      kernel.regions[1].takesTurns = true
    },
    KernelFlaw(problem: "takes turns with a region of other places") { kernel in
      kernel.regions.append(kernel.regions[0])
      (kernel.regions[1].takesTurns, kernel.regions[1].turnColumns) = (true, [1])
    },
    KernelFlaw(problem: "takes turns where sums ride") { kernel in
      kernel.regions.append(kernel.regions[0])
      kernel.regions[0].rides = Rides(order: SumOrder(segments: [0], run: []), slots: [])
      kernel.regions[1].takesTurns = true
    },
    KernelFlaw(problem: "a sum rides that has no place") { kernel in
      kernel.editReduction { step in
        step.riders = [
          Rider(slots: BufferID(2), value: LaneValue(0), factor: nil, condition: nil)
        ]
      }
    },
  ]
}

extension LoopKernel {
  /// Changes the reduction of `centering`.
  fileprivate mutating func editReduction(_ edit: (inout ReduceStep) -> Void) {
    guard case .reduce(var step) = regions[0].steps[0] else { return }
    edit(&step)
    regions[0].steps[0] = .reduce(step)
  }

  /// Changes the scalars of `centering`.
  fileprivate mutating func editScalars(_ edit: (inout ScalarStep) -> Void) {
    guard case .scalars(var step) = regions[0].steps[1] else { return }
    edit(&step)
    regions[0].steps[1] = .scalars(step)
  }
}

/// `y = x - total[C](x)`, whose totals a second region copies from the workspace to `z`.
private func centering() -> LoopKernel {
  var sum = Body(arguments: [.load(BufferID(0))])
  let element = sum.program.append(.argument(0), .number)
  var scalars = Body(arguments: [.scalar(ScalarID(0))])
  let total = scalars.program.append(.argument(0), .wide)
  let mean = scalars.program.append(.narrow(total), .number)
  var difference = Body(arguments: [.load(BufferID(0)), .scalar(ScalarID(1))])
  let x = difference.program.append(.argument(0), .number)
  let m = difference.program.append(.argument(1), .number)
  let y = difference.program.append(.binary(.subtract, x, m), .number)
  var copy = Body(arguments: [.load(BufferID(2))])
  let copied = copy.program.append(.argument(0), .number)
  let reduction = ReduceStep(
    sweep: Sweep(segments: [], run: [1]), body: sum,
    accumulators: [
      Accumulator(
        name: "x", kind: .total(ScalarID(0)), value: element, factor: nil, condition: nil)
    ])
  let first = Region(
    title: "y", kept: [0], columns: [], prologue: [],
    steps: [
      .reduce(reduction),
      .scalars(
        ScalarStep(
          isOfColumns: false, body: scalars, defines: [(mean, ScalarID(1))],
          stores: [(mean, BufferID(2))])),
      .store(
        StoreStep(
          sweep: Sweep(segments: [], run: [1]), body: difference, stores: [(y, BufferID(1))])),
    ])
  let second = Region(
    title: "z", kept: [0], columns: [], prologue: [],
    steps: [
      .scalars(
        ScalarStep(
          isOfColumns: false, body: copy, defines: [], stores: [(copied, BufferID(3))]))
    ])
  return LoopKernel(
    direction: .forward, phase: .train, type: .float32,
    axes: ["N", "C"].map { LoopAxis(name: $0, extent: .size($0)) },
    buffers: [
      Buffer(name: "x", element: .number, axes: [0, 1], role: .input),
      Buffer(name: "y", element: .number, axes: [0, 1], role: .output),
      Buffer(name: "means", element: .number, axes: [0], role: .workspace),
      Buffer(name: "z", element: .number, axes: [0], role: .output),
    ], parameters: [], regions: [first, second],
    scalars: [
      Scalar(name: "sum", type: .wide, isOfColumn: false),
      Scalar(name: "mean", type: .number, isOfColumn: false),
    ])
}
