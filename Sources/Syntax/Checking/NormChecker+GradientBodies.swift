import Basics

extension NormChecker {
  /// Resolves what stands in the gradient blocks, after the forward.
  mutating func resolveGradients() {
    for index in gradients.indices {
      var block = gradients[index]
      resolve(&block)
      checkDependence(of: block)
      gradients[index] = block
    }
  }

  private mutating func resolve(_ block: inout GradientRecord) {
    let target = values[block.value.index]
    values[block.adjoint.index].value.dimensions = target.value.dimensions
    values[block.adjoint.index].isBroken = target.isBroken
    block.equations = ordered(block.equations)
    let context = ExpressionContext.block(locals: block.locals)
    for index in block.equations.indices {
      block.equations[index].resolved = resolveEquation(block.equations[index], in: context)
      settle(block.equations[index].target, [block.equations[index]])
    }
    for index in block.contributions.indices {
      block.contributions[index].resolved = resolveReceived(
        block.contributions[index], in: context, "'grad'")
    }
    for index in block.updates.indices {
      block.updates[index].resolved = resolveReceived(block.updates[index], in: context, "'next'")
    }
  }

  /// Returns the equations of a block, each after those that it reads.
  mutating func ordered(_ records: [EquationRecord]) -> [EquationRecord] {
    var places: [ValueID: Int] = [:]
    for (index, equation) in records.enumerated() { places[equation.target] = index }
    var search = DepthFirstSearch()
    search.run(from: records.map(\.target)) { id in
      guard let place = places[id] else { return [] }
      return records[place].reads.map(\.value).filter { places[$0] != nil }
    }
    for cycle in search.cycles { report(cycle) }
    return search.order.compactMap { id in places[id].map { records[$0] } }
  }

  /// Checks that the value of `block` depends on all that receives something from it.
  private mutating func checkDependence(of block: GradientRecord) {
    guard !values[block.value.index].isBroken, !block.contributions.isEmpty else { return }
    for phase in block.phases {
      guard let equation = equation(of: block.value, in: phase) else { continue }
      let below = reached(from: equation.reads, in: phase)
      for contribution in block.contributions where !below.contains(contribution.target) {
        log.report(
          .noDependence(
            of: block.name.text, on: contribution.name.text, at: contribution.name.span))
      }
    }
  }

  /// Checks that the forward neither reads nor sets what gradient blocks set.
  mutating func checkBackwardStates() {
    var owners: [ValueID: GradientRecord] = [:]
    for block in gradients {
      for update in block.updates where owners[update.target] == nil {
        owners[update.target] = block
      }
    }
    for record in equations + updates {
      for read in record.reads {
        guard let owner = owners[read.value] else { continue }
        let name = values[read.value.index].value.name
        log.report(.backwardStateRead(name, owner: owner.name.text, at: read.span))
      }
    }
    for update in updates {
      guard let owner = owners[update.target] else { continue }
      log.report(
        .backwardStateSet(update.name.text, owner: owner.name.text, at: update.name.span))
    }
  }
}
