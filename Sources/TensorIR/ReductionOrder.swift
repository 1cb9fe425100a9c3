/// The order in which a reduction takes its elements, as axes: what defines its bits.
///
/// The driver is the input in the operand with the most axes, the first declared on a tie (of a
/// count, which is exact in any order, that in the condition). Its
/// axes are taken in the order of memory: the longest tail of them that is reduced is the *run*;
/// the other reduced axes number the *segments*, those that the driver lacks outermost.
package struct ReductionOrder: Hashable, Sendable {
  /// The reduced axes outside the run, slowest first.
  package var segments: [Int]
  /// The reduced axes that lie side by side in the driver, slowest first; none if its last axis
  /// is kept.
  package var run: [Int]
  /// All axes of the driver in the order of memory.
  package var driver: [Int]
}

extension Graph {
  /// The order of `reduction` were there no axis `missing`, of one place: arrays do not have it,
  /// and what is reduced over it alone is the element.
  package func order(of reduction: Reduction, without missing: Int? = nil) -> ReductionOrder {
    let operands = [reduction.operand] + (reduction.factor.map { [$0] } ?? [])
    let varies = operands.contains { !shape($0).isEmpty }
    let driver = driverAxes(of: varies ? operands : reduction.operands, without: missing)
    let tail = driver.reversed().prefix { reduction.axes.has($0) }
    let run = Array(tail.reversed())
    let outside = driver.dropLast(run.count).filter { reduction.axes.has($0) }
    let lacking = reduction.axes.subtracting(AxisSet(axes: driver)).axes.filter { $0 != missing }
    return ReductionOrder(segments: lacking + outside, run: run, driver: driver)
  }

  /// The axes, in the order of memory and without `missing`, of the input with the most axes that
  /// `roots` read without a reduction between, but for those over `missing` alone; ascending axes
  /// where they read no input.
  package func driverAxes(of roots: [Node], without missing: Int? = nil) -> [Int] {
    var best: (index: Int, axes: [Int])?
    for node in elementwiseReach(of: roots, through: missing) {
      guard case .input(let index) = self[node] else { continue }
      let axes = inputs[index].axes.filter { $0 != missing }
      let (count, bestCount) = (axes.count, best?.axes.count ?? 0)
      if count > bestCount || (count == bestCount && count > 0 && index < best?.index ?? index) {
        best = (index, axes)
      }
    }
    if let best { return best.axes }
    return roots.reduce(AxisSet()) { $0.union(shape($1)) }.axes.filter { $0 != missing }
  }

  /// The nodes that `roots` read without a reduction between, but for those over `axis` alone, in
  /// order of definition.
  package func elementwiseReach(of roots: [Node], through axis: Int? = nil) -> [Node] {
    let passed = axis.map { AxisSet(axes: [$0]) }
    var found = NodeSet()
    var open = roots
    while let node = open.popLast() {
      guard found.insert(node) else { continue }
      if case .reduce(let reduction) = self[node], reduction.axes != passed { continue }
      self[node].forEachOperand { open.append($0) }
    }
    return Array(found)
  }
}
