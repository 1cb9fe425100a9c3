import CCode
import LoopIR

/// Sums over the places of a region that ride in its sweeps.
extension RegionCode {
  private var part: CExpression { .name(LoopKernel.partPlace) }

  /// The loop over the parts of the rows, in blocks: after each block the slots of the columns join
  /// the sums of the part.
  func partLoop(around body: PlaceBody) -> [CStatement] {
    let rows = CExpression.name("rows")
    let place = { (name: String) in CExpression.member(rows, name) }
    let order = CStatement.constant(
      .named("sum_order"), "rows", .call("order_of", index.size(region.kept), .size(1)))
    let here = CExpression.name("block_rows")
    let each = places(
      body, from: .member(here, "first_segment"), to: .member(here, "last_segment"),
      variable: "row")
    let range = CStatement.constant(
      .named("block_range"), "block_rows", .call("block_at", rows, .name("row_block")))
    let firstBlock = CExpression.multiply(part, place("part_blocks"))
    let blocks = CStatement.count(
      "row_block", from: firstBlock,
      to: .call("smaller", place("blocks"), .add(firstBlock, place("part_blocks"))),
      [range] + each + [eachColumn(region.rides.flatMap { flush($0) })])
    return [order] + [
      .count(
        LoopKernel.partPlace, from: .name("first"), to: .name("last"),
        [eachColumn(region.rides.flatMap { clear($0) }), blocks])
    ]
  }

  /// The columns of the rides, which all lie along one run.
  private var rideColumns: [Int] {
    region.rides.first.map { Array(kernel.buffers[$0.part.index].axes.dropFirst()) } ?? []
  }

  private func eachColumn(_ body: [CStatement]) -> CStatement {
    .count("j", to: index.size(rideColumns), body)
  }

  /// The element of an array of a ride in column `j` of the part.
  private func element(_ id: BufferID) -> CExpression {
    .index(
      .name(kernel.buffers[id.index].name),
      .add(.multiply(part, index.size(rideColumns)), .name("j")))
  }

  private var zero: CExpression { kernel.type == .float32 ? .float(0) : .double(0) }

  private func clear(_ ride: Ride) -> [CStatement] {
    [.set(element(ride.block), zero), .set(element(ride.part), .double(0))]
  }

  /// The block joins its part, and starts again at zero.
  private func flush(_ ride: Ride) -> [CStatement] {
    let sum = CExpression.add(element(ride.block), zero)
    return [
      .add(element(ride.part), kernel.type == .float32 ? .cast(.double, sum) : sum),
      .set(element(ride.block), zero),
    ]
  }

  /// The totals of sums that rode in an earlier region: the parts from left to right.
  var joins: [CStatement] {
    guard let first = region.joins.first else { return [] }
    let names = region.joins.map { kernel.scalars[$0.scalar.index].columnArray }
    let declarations = names.map { name in
      CStatement.declare(
        .array(of: .double, count: .name("COLUMNS")), name,
        .initializer([CInitializer(.integer(0))]))
    }
    let order = CStatement.constant(
      .named("sum_order"), "rows", .call("order_of", index.size(first.summed), .size(1)))
    let sums = zip(region.joins, names).map { join, name in
      let sum = CExpression.add(
        .add(
          .name(kernel.buffers[join.part.index].name),
          .multiply(part, index.size(region.columns))), .name("column"))
      return CStatement.expression(
        .callVariant("add_part", [.name("width"), .name(name), sum]))
    }
    let parts = CStatement.count(
      LoopKernel.partPlace, to: .call("parts_of", .name("rows")), sums)
    return declarations + [order, parts, .blank]
  }
}

extension LoopKernel {
  /// The variable that counts the parts of rows.
  static let partPlace = "at_part"
}
