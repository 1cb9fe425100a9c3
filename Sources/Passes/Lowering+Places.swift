import Syntax
import TensorIR

// What reads other places than its own.
extension Lowering {
  /// `x[place]`: of the places of the axis, the one that it is.
  ///
  ///     weight[class]  ->  sum[K](weight where class == index(K))
  mutating func lookUp(_ x: Term, _ along: [AxisID], _ place: Term) -> Node {
    let array = lower(x)
    return picked(array, along, place)
  }

  /// What `array` has at `place` along some atoms.
  mutating func picked(_ array: Node, _ along: [AxisID], _ place: Term) -> Node {
    let axes = set(along)
    let index = graph.insert(.index(axes))
    let wanted = lower(place)
    let isThere = graph.compare(.equal, wanted, index)
    return picked(array, along: axes, where: isThere)
  }

  /// The one element of `array` along `axes` where `isThere` holds.
  mutating func picked(_ array: Node, along axes: AxisSet, where isThere: Node) -> Node {
    guard graph.type(array) == .condition else {
      return graph.reduce(Reduction(.sum, axes, array, where: isThere))
    }
    let holds = graph.logic(.and, array, isThere)
    return graph.any(holds, over: axes)
  }

  /// The axes, operand and condition of a reduction that takes the neighbours of each place: over
  /// the twins of the axes of its windows, where they are near enough.
  mutating func windowed(
    _ windows: [Term.Window], _ axes: AxisSet, _ operand: Node, _ condition: Node?
  ) -> (axes: AxisSet, operand: Node, condition: Node?) {
    var axes = axes
    var near = condition
    let moved = set(windows.flatMap(\.axes))
    let twins = graph.twins(of: moved)
    near = near.map { graph.swapped($0, twins) }
    for window in windows {
      let here = set(window.axes)
      let there = AxisSet(axes: here.axes.compactMap { twins[$0] })
      axes.formUnion(there)
      let (middle, place) = (graph.insert(.index(here)), graph.insert(.index(there)))
      let distance = graph.subtract(place, middle)
      let (low, high) = (graph.constant(Double(window.low)), graph.constant(Double(window.high)))
      let isIn = graph.logic(
        .and, graph.compare(.lessOrEqual, low, distance),
        graph.compare(.lessOrEqual, distance, high))
      near = near.map { graph.logic(.and, $0, isIn) } ?? isIn
    }
    return (axes, graph.swapped(operand, twins), near)
  }
}
