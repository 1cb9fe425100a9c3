import Basics

extension NormChecker {
  /// Orders the values of equations so that each stands after those that it reads in any phase,
  /// else in the order of `nodes`, and reports cycles.
  mutating func orderEquations(_ nodes: [ValueID]) {
    var search = DepthFirstSearch()
    search.run(from: nodes) { id in
      values[id.index].equations.flatMap { equations[$0].reads.map(\.value) }
        .filter { !values[$0.index].equations.isEmpty }
    }
    order = search.order
    for cycle in search.cycles { report(cycle) }
  }

  /// Reports that the values of `cycle` read each other, unless that is known of one of them.
  mutating func report(_ cycle: [ValueID]) {
    guard let first = cycle.first, !cycle.contains(where: { values[$0.index].isBroken }) else {
      return
    }
    log.report(
      .cycle(cycle.map { values[$0.index].value.name }, at: values[first.index].span))
    for id in cycle { values[id.index].isBroken = true }
  }
}

/// A depth-first search over values that keeps no frame on the stack of the machine.
struct DepthFirstSearch {
  /// The values in postorder: each after those that it leads to, but for cycles.
  private(set) var order: [ValueID] = []
  /// The closed ways that were met, each from the value that was entered first.
  private(set) var cycles: [[ValueID]] = []
  private var isDone: Set<ValueID> = []

  /// Visits all that can be reached from `nodes`, in their order.
  mutating func run(from nodes: [ValueID], next: (ValueID) -> [ValueID]) {
    for node in nodes where !isDone.contains(node) {
      var path: [(value: ValueID, next: [ValueID], position: Int)] = [(node, next(node), 0)]
      var places: [ValueID: Int] = [node: 0]
      while let top = path.last {
        guard top.position < top.next.count else {
          order.append(top.value)
          isDone.insert(top.value)
          places[top.value] = nil
          path.removeLast()
          continue
        }
        path[path.count - 1].position += 1
        let target = top.next[top.position]
        if let place = places[target] {
          cycles.append(path[place...].map(\.value))
        } else if !isDone.contains(target) {
          places[target] = path.count
          path.append((target, next(target), 0))
        }
      }
    }
  }
}
