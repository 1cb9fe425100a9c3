import Basics

extension NormChecker {
  /// Declares the values that come along with calls: parameters, states, counters, and the scalars,
  /// masks and indices that no label gives.
  mutating func bringValues() {
    for index in calls.indices where !calls[index].isBroken {
      for (place, value) in calls[index].callee.norm.values.enumerated() {
        switch value.kind {
        case .parameter, .state, .counter: bring(ValueID(place), in: index)
        case .scalar, .mask, .index:
          if calls[index].labels[value.name] == nil { bring(ValueID(place), in: index) }
        case .tensor, .equation, .adjoint, .eventArgument: break
        }
      }
    }
  }

  /// Declares what stands for the value `original` of the callee.
  private mutating func bring(_ original: ValueID, in index: Int) {
    let call = calls[index]
    let value = call.callee.norm.values[original.index]
    let name = call.ownName(of: value.name)
    let origin = "\(call.word.text).\(value.name)"
    if let known = scope[name.text], broughtNames[name.text] == origin {
      calls[index].values[original] = known
      return
    }
    if let first = scope[name.text].map({ values[$0.index].span })
      ?? axes.entries[name.text]?.span
    {
      log.report(
        .comesAlong(name.text, of: call.word.text, value.name, first: first, at: name.span))
      calls[index].isBroken = true
      return
    }
    let id = addValue(name, value.kind)
    scope[name.text] = id
    broughtNames[name.text] = origin
    calls[index].values[original] = id
    values[id.index].isRead = true
    values[id.index].value.isCondition = value.isCondition
    values[id.index].hasDeclaredAxes = true
    switch value.kind {
    case .scalar, .counter: values[id.index].isPlain = true
    case .parameter, .state, .mask, .index, .tensor, .equation, .adjoint, .eventArgument: break
    }
    if let dimensions = knownDimensions(of: value, in: index) {
      values[id.index].value.dimensions = dimensions
    } else {
      lateValues[id] = index
    }
  }

  /// The dimensions of a value of the callee, unless they depend on the tensors of the call.
  private func knownDimensions(of value: Value, in index: Int) -> [Dimension]? {
    var map = AxisMap()
    for whole in calls[index].callee.axes.wholes where !whole.isRun {
      guard let name = calls[index].axisNames[whole.name]?.text,
        let own = axes.entries[name]?.dimension
      else { continue }
      map.map(whole, to: own.axes)
    }
    guard value.axes.allSatisfy(map.knows) else { return nil }
    return dimensions(of: value, by: map)
  }

  /// The dimensions of a value of a callee in the caller.
  func dimensions(of value: Value, by map: AxisMap) -> [Dimension] {
    value.dimensions.flatMap { axes.dimensions(of: map.atoms(of: $0.axes)) }
  }

  /// The call that must be resolved before the value `name` has its axes, as a read of its result.
  func readOfCall(_ name: Identifier) -> EquationRecord.Read? {
    guard let id = scope[name.text], let call = lateValues[id],
      let target = scope[calls[call].targets[0].text]
    else { return nil }
    return .init(value: target, span: name.span)
  }

  /// The texts of all norms that are called, each once.
  var calledSources: [String] {
    var sources: [String] = []
    for call in calls {
      for source in [call.callee.norm.source] + call.callee.norm.calledSources
      where !sources.contains(source) {
        sources.append(source)
      }
    }
    return sources
  }
}

/// The atoms of the caller that stand for those of a callee.
struct AxisMap {
  private var atoms: [AxisID: [AxisID]] = [:]

  /// Lets the atoms of `whole` be `own`: one for one where it is split, else all of them.
  ///
  /// - Returns: `false` where the callee splits the axis and the caller does not.
  @discardableResult
  mutating func map(_ whole: Dimension, to own: [AxisID]) -> Bool {
    if whole.axes.count == 1 {
      atoms[whole.axes[0]] = own
    } else if whole.axes.count == own.count {
      for (axis, atom) in zip(whole.axes, own) { atoms[axis] = [atom] }
    } else {
      return false
    }
    return true
  }

  func knows(_ axis: AxisID) -> Bool { atoms[axis] != nil }

  /// What stands for `axes`, in their order.
  func atoms(of axes: [AxisID]) -> [AxisID] { axes.flatMap { atoms[$0] ?? [] } }
}
