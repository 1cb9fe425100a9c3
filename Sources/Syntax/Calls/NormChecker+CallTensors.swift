import Basics

extension NormChecker {
  /// Finds what stands for the axes of the callee from the tensors that a call gives; `nil` after
  /// a mistake, which is reported.
  mutating func axisMap(of call: NormCall, _ tensors: [Resolved]) -> AxisMap? {
    var map = AxisMap()
    var owners: [AxisID: String] = [:]
    for whole in call.callee.axes.wholes where !whole.isRun {
      guard let own = ownDimension(of: whole, in: call, tensors) else { return nil }
      for atom in own.axes {
        if let other = owners.updateValue(whole.name, forKey: atom) {
          log.report(
            .callAxisTwice(other, whole.name, of: call.word.text, own.name, at: call.word.span))
          return nil
        }
      }
      guard map.map(whole, to: own.axes) else {
        log.report(.splitInCall(whole.name, of: call.word.text, own.name, at: call.word.span))
        return nil
      }
    }
    guard let runs = runs(of: call, tensors, beside: map) else { return nil }
    for whole in call.callee.axes.wholes where whole.isRun {
      let atoms = runs[whole.name] ?? []
      guard map.map(whole, to: atoms) else {
        log.report(
          .splitInCall(whole.name, of: call.word.text, axes.show(atoms), at: call.word.span))
        return nil
      }
    }
    return map
  }

  /// What stands for each run of the callee: the axes of a tensor that `map` leaves over.
  private mutating func runs(
    of call: NormCall, _ tensors: [Resolved], beside map: AxisMap
  ) -> [String: [AxisID]]? {
    var runs: [String: [AxisID]] = [:]
    let heads = call.callee.norm.values.filter { $0.kind == .tensor }
    for (place, head) in heads.enumerated() {
      let argument = call.tensors[place]
      guard let rest = rest(of: tensors[place].term.axes, head, by: map, argument, call) else {
        return nil
      }
      guard let run = head.dimensions.first(where: \.isRun) else { continue }
      if let first = runs[run.name], first != rest {
        log.report(
          .runTwice(
            run.name, of: call.word.text, axes.show(first), axes.show(rest), at: argument.span))
        return nil
      }
      runs[run.name] = rest
    }
    return runs
  }

  /// The axis of the caller that stands for the axis `whole` of the callee.
  private mutating func ownDimension(
    of whole: Dimension, in call: NormCall, _ tensors: [Resolved]
  ) -> Dimension? {
    guard let name = call.axisNames[whole.name] else { return nil }
    if call.labels[whole.name] != nil || axes.entries[name.text] != nil {
      return resolveAxis(name, in: .reduction)
    }
    let heads = call.callee.norm.values.filter { $0.kind == .tensor }
    let place = heads.firstIndex { $0.dimensions.contains { $0.name == whole.name } } ?? 0
    reportMissing(whole.name, in: call, place, tensors)
    return nil
  }

  private mutating func reportMissing(
    _ axis: String, in call: NormCall, _ place: Int, _ tensors: [Resolved]
  ) {
    let argument = call.tensors[place]
    let present = axes.dimensions(of: tensors[place].term.axes)
    log.report(
      .missingCallAxis(
        axis, of: call.word.text, shown(argument), has: axes.show(tensors[place].term.axes),
        free: present.last?.name, at: argument.span))
  }

  /// The axes of a tensor that those of the callee but for its run leave.
  private mutating func rest(
    of present: [AxisID], _ head: Value, by map: AxisMap, _ argument: Expression, _ call: NormCall
  ) -> [AxisID]? {
    var rest = present
    for dimension in head.dimensions where !dimension.isRun {
      let wanted = map.atoms(of: dimension.axes)
      guard wanted.allSatisfy(rest.contains) else {
        log.report(
          .missingCallAxis(
            dimension.name, of: call.word.text, shown(argument), has: axes.show(present),
            free: call.labels[dimension.name] == nil
              ? axes.dimensions(of: rest).last?.name : nil, at: argument.span))
        return nil
      }
      rest.removeAll { wanted.contains($0) }
    }
    if !head.dimensions.contains(where: \.isRun), let surplus = axes.dimensions(of: rest).first {
      log.report(
        .surplusCallAxis(
          surplus.name, of: call.word.text, shown(argument), at: argument.span))
      return nil
    }
    return rest
  }
}
