import LoopIR
import Testing

@Suite struct ByteCountTests {
  private typealias Extent = ArrayDimension.Extent

  private func bytes(_ element: Int, _ extents: Extent...) -> ByteCount {
    ByteCount(element: element, extents: extents)
  }

  @Test func arraysOfOneShapeAreCountedTogether() {
    var sum = bytes(4, .size("N"), .size("C"))
    sum += bytes(4, .size("C"))
    sum += bytes(4, .size("C"), .size("N"))
    sum += bytes(8, .size("C"))
    sum += bytes(1, .size("N"))
    sum += bytes(1)
    #expect(sum.text == "8 C + 4 * (2 N C + C) + N + 1")
    #expect(sum.value(["N": 10, "C": 3]) == 24.0 + 4.0 * 63.0 + 11.0)
    #expect(sum.value(["N": 10]) == nil)
    var columns = bytes(4, .size("C"))
    columns += bytes(8, .size("C"))
    #expect(columns.text == "12 C")
  }

  @Test func aGroupAndThePlaceInItAreTheAxis() {
    let place = Extent.quotient(.size("C"), by: .size("G"))
    #expect(bytes(4, .size("N"), .size("G"), place).text == "4 N C")
    #expect(bytes(4, place, .size("G")).text == "4 C")
    #expect(bytes(4, place, .size("S")).text == "4 C S / G")
    #expect(bytes(4, place).value(["C": 12, "G": 3]) == 16)
  }

  @Test func fixedSizesMultiplyTheCount() {
    #expect(bytes(4, .size("N"), .fixed(64)).text == "256 N")
    #expect(bytes(1, .fixed(5), .fixed(3)).text == "15")
    #expect(bytes(4, .quotient(.size("C"), by: .fixed(8))).value(["C": 24]) == 12)
    #expect(ByteCount().text == "0" && ByteCount().isEmpty)
  }
}

@Suite struct TrafficTests {
  private let n = 0
  private let c = 1
  private let x = BufferID(0)
  private let weight = BufferID(1)
  private let mean = BufferID(2)
  private let y = BufferID(3)

  /// Two passes over x[N, C]: one for a mean, one that writes y.
  private func kernel(kept: [Int], columns: [Int] = []) -> LoopKernel {
    let swept = [n, c].filter { !kept.contains($0) && !columns.contains($0) }
    let sweep = Sweep(
      segments: columns.isEmpty ? [] : swept, run: columns.isEmpty ? swept : columns)
    func body(_ sources: [Source]) -> Body {
      var body = Body()
      for (place, source) in sources.enumerated() {
        _ = body.program.append(.argument(place), .number)
        body.arguments.append(source)
      }
      return body
    }
    let value = LaneValue(0)
    let reduce = ReduceStep(
      sweep: sweep, body: body([.load(x)]),
      accumulators: [
        Accumulator(
          name: "x", kind: .moments(mean: ScalarID(0), squares: nil), value: value, factor: nil,
          condition: nil)
      ])
    let scalars = ScalarStep(
      isOfColumns: !columns.isEmpty, body: body([.scalar(ScalarID(0))]), defines: [],
      stores: [(value, mean)])
    let store = StoreStep(
      sweep: sweep, body: body([.load(weight), .load(x)]), stores: [(value, y)])
    return LoopKernel(
      direction: .forward, phase: .train, type: .float32,
      axes: [
        LoopAxis(name: "N", extent: .size("N")), LoopAxis(name: "C", extent: .size("C")),
      ],
      buffers: [
        Buffer(name: "x", element: .number, axes: [n, c], role: .input),
        Buffer(name: "weight", element: .number, axes: [c], role: .input),
        Buffer(name: "mean", element: .wide, axes: kept + columns, role: .workspace),
        Buffer(name: "y", element: .number, axes: [n, c], role: .output),
      ],
      parameters: [],
      regions: [
        Region(
          title: "y", kept: kept, columns: columns, prologue: [],
          steps: [.reduce(reduce), .scalars(scalars), .store(store)])
      ],
      scalars: [Scalar(name: "m", type: .wide, isOfColumn: !columns.isEmpty)])
  }

  @Test func aTensorThatIsReadTwiceIsMovedOnce() throws {
    let traffic = kernel(kept: [n]).traffic
    let region = try #require(traffic.regions.first)
    #expect(region.reads == [x, weight] && region.writes == [mean, y])
    #expect(traffic.moved.text == "8 N + 4 * (2 N C + C)")
    // A row of x and all of weight, whose four bytes an element make eight.
    #expect(region.cached.text == "8 C")
    #expect(region.passes.map(\.makes) == [["m"], ["y"]])
    #expect(region.passes.map(\.axes) == [[c], [c]])
    #expect(region.passes[0].reads.map(\.isAgain) == [false])
    #expect(region.passes[1].reads.map(\.buffer) == [x, weight])
    #expect(region.passes[1].reads.map(\.isAgain) == [true, false])
  }

  @Test func columnsKeepTheirLines() throws {
    let region = try #require(kernel(kept: [], columns: [c]).traffic.regions.first)
    #expect(region.passes.map(\.axes) == [[n], [n]])
    // The lines of x in a stretch of columns; weight is read once.
    #expect(region.cached.text == "64 N")
    // One column after the other: the same, for the next one is in the same lines.
    let split = try #require(kernel(kept: [c]).traffic.regions.first)
    #expect(split.cached.text == "64 N")
  }

  @Test func sumsThatRideKeepTheirSlotsInTheCache() throws {
    var kernel = kernel(kept: [n])
    let (slots, order) = (BufferID(4), SumOrder(segments: [n], run: []))
    kernel.buffers.append(
      Buffer(name: "slots_w", element: .number, axes: [c], role: .workspace, blocks: order))
    kernel.regions[0].rides = Rides(order: order, slots: [slots])
    guard case .reduce(var reduce) = kernel.regions[0].steps[0] else { return }
    reduce.riders = [Rider(slots: slots, value: LaneValue(0), factor: nil, condition: nil)]
    kernel.regions[0].steps[0] = .reduce(reduce)
    let region = try #require(kernel.traffic.regions.first)
    #expect(region.passes.map(\.rides) == [[slots], []])
    #expect(region.writes == [mean, y, slots])
    // One block at least, to be written; a row of x, weight, the slots.
    #expect(region.moved.text == "8 N + 4 * (2 N C + 2 C)")
    #expect(region.cached.text == "12 C")
  }

  @Test func regionsThatTakeTurnsMoveATensorOnce() throws {
    var kernel = kernel(kept: [n])
    kernel.regions.append(kernel.regions[0])
    #expect(kernel.traffic.regions[1].moved == kernel.traffic.regions[0].moved)
    kernel.regions[1].takesTurns = true
    let region = try #require(kernel.traffic.regions.last)
    #expect(region.takesTurns && region.moved.isEmpty)
    #expect(region.passes[0].reads.map(\.isAgain) == [true])
    // A row of x, and all of weight.
    #expect(region.cached.text == "8 C")
  }

  @Test func turnsOfColumnsKeepTheLinesOfAStretch() throws {
    var kernel = kernel(kept: [], columns: [c])
    kernel.regions += self.kernel(kept: [n]).regions
    (kernel.regions[1].takesTurns, kernel.regions[1].turnColumns) = (true, [c])
    let region = try #require(kernel.traffic.regions.last)
    #expect(region.passes[0].reads.map(\.isAgain) == [true])
    #expect(region.cached.text == "64 N")
  }
}
