import Basics

/// The axes of a norm while they are found.
struct AxisDraft {
  var bases: [BaseAxis] = []
  var splits: [Split] = []
  var joins: [JoinDraft] = []
  /// The sizes that are declared, in order.
  var sizes: [SizeTree] = []
  /// Where each name was given first.
  var taken: [String: SourceSpan] = [:]
}

/// The axes of the head and of `axis` before splits.
struct BaseAxis {
  var name: Identifier
  var standard: Int?
  var isRun: Bool
  var isDeclared: Bool
}

/// A split of an axis by `group`.
struct Split {
  var base: String
  var direction: GroupTree.Direction
  var size: SizeTree
}

/// Axes that `group … as` joins and splits.
struct JoinDraft {
  var name: Identifier
  var parts: [String]
  var direction: GroupTree.Direction
  var size: SizeTree
}

extension NormChecker {
  /// Adds the axes that come along with calls, and the splits that the callees make.
  mutating func bringAxes(into draft: inout AxisDraft) {
    for index in calls.indices where !calls[index].isBroken {
      for whole in calls[index].callee.axes.wholes {
        if let join = calls[index].callee.axes.joins.first(where: { $0.name == whole.name }) {
          bring(join, in: index, &draft)
          continue
        }
        guard let own = ownAxis(of: whole, in: index, &draft) else {
          calls[index].isBroken = true
          continue
        }
        calls[index].axisNames[whole.name] = own
        guard let split = calls[index].callee.axes.split(of: whole) else { continue }
        bring(split, of: whole.name, on: own, in: index, &draft)
      }
    }
  }

  /// The axis of the caller that stands for `whole`; `nil` after a mistake, which is reported.
  private mutating func ownAxis(
    of whole: Dimension, in index: Int, _ draft: inout AxisDraft
  ) -> AxisTree? {
    let call = calls[index]
    let isDeclared = call.callee.axes.entries[whole.name]?.isDeclared == true
    var standard = call.callee.standardSize(named: whole.name)
    if let label = call.labels[whole.name] {
      if let axis = label.value.asAxis { return axis }
      guard isDeclared, let size = label.size else {
        log.report(
          .labelWantsAxis(
            whole.name, orSize: isDeclared ? .axisOrSize : .axis, at: label.value.span))
        return nil
      }
      standard = size
    } else if !isDeclared {
      let name = Identifier(text: whole.name, span: call.word.span)
      return AxisTree(name: name, suffix: .none, span: name.span)
    }
    let name = call.ownName(of: whole.name)
    if bring(name, as: whole.name, in: index, &draft) {
      draft.bases.append(
        BaseAxis(name: name, standard: standard, isRun: false, isDeclared: true))
      draft.sizes.append(SizeTree(name: name, size: standard))
    }
    return AxisTree(name: name, suffix: .none, span: name.span)
  }

  /// Takes `name` for what the callee of a call calls `original`.
  ///
  /// - Returns: `true` iff it is new: not taken by someone else, which is reported, nor by a call
  ///   for the same result in the other phase.
  private mutating func bring(
    _ name: Identifier, as original: String, in index: Int, _ draft: inout AxisDraft
  ) -> Bool {
    let call = calls[index]
    let origin = "\(call.word.text).\(original)"
    usedAxes.insert(name.text)
    if broughtNames[name.text] == origin { return false }
    if let first = draft.taken[name.text] {
      log.report(
        .comesAlong(name.text, of: call.word.text, original, first: first, at: name.span))
      calls[index].isBroken = true
      return false
    }
    broughtNames[name.text] = origin
    draft.taken[name.text] = name.span
    return true
  }

  /// Splits the axis `own` of the caller as the callee splits its axis `whole`.
  private mutating func bring(
    _ split: (part: String, direction: GroupTree.Direction, size: SizeID), of whole: String,
    on own: AxisTree, in index: Int, _ draft: inout AxisDraft
  ) {
    let call = calls[index]
    let refusal = Diagnostic.splitInCall(
      whole, of: call.word.text, own.text, at: call.labels[whole]?.value.span ?? call.word.span)
    guard draft.bases.contains(where: { $0.name.text == own.text }) else {
      // An axis that is not there at all is reported where the tensors are known.
      if isPart(own.text, of: draft) {
        log.report(refusal)
        calls[index].isBroken = true
      }
      return
    }
    guard let size = splitSize(split, on: own.text, in: index, &draft) else {
      calls[index].isBroken = true
      return
    }
    let made = Split(base: own.text, direction: split.direction, size: size)
    if let first = draft.splits.first(where: { $0.base == made.base }) {
      guard first.direction != made.direction || first.size.name.text != size.name.text else {
        return
      }
      log.report(.alreadySplit(first.base, into: first.size.name.text, at: call.word.span))
      calls[index].isBroken = true
      return
    }
    draft.splits.append(made)
  }

  /// Joins the axes of the caller as the callee joins its own.
  private mutating func bring(
    _ join: AxisTable.Join, in index: Int, _ draft: inout AxisDraft
  ) {
    let call = calls[index]
    let table = call.callee.axes
    let names = join.parts.map { call.axisNames[table.axes[$0.index].name]?.text ?? "" }
    let whole = Dimension(name: join.name, axes: join.atoms)
    let isPossible = names.allSatisfy { name in
      draft.bases.contains { $0.name.text == name && !$0.isRun }
        && !draft.splits.contains { $0.base == name }
    }
    guard isPossible, call.labels[join.name] == nil, let split = table.split(of: whole) else {
      log.report(
        .splitInCall(
          join.name, of: call.word.text, names.joined(separator: ", "), at: call.word.span))
      calls[index].isBroken = true
      return
    }
    let name = call.ownName(of: join.name)
    calls[index].axisNames[join.name] = AxisTree(name: name, suffix: .none, span: name.span)
    let isNew = bring(name, as: join.name, in: index, &draft)
    guard let size = splitSize(split, on: name.text, in: index, &draft) else {
      calls[index].isBroken = true
      return
    }
    guard isNew else { return }
    draft.joins.append(
      JoinDraft(name: name, parts: names, direction: split.direction, size: size))
  }

  private func isPart(_ name: String, of draft: AxisDraft) -> Bool {
    draft.splits.contains {
      $0.size.name.text == name || "\($0.base)/\($0.size.name.text)" == name
    }
  }

  /// The size of the named part of a split that a call makes; `nil` after a mistake.
  private mutating func splitSize(
    _ split: (part: String, direction: GroupTree.Direction, size: SizeID), on base: String,
    in index: Int, _ draft: inout AxisDraft
  ) -> SizeTree? {
    let call = calls[index]
    var standard = call.callee.norm.sizes[split.size.index].standard
    if let label = call.labels[split.part] {
      if let axis = label.value.asAxis { return splitSize(axis, draft: &draft) }
      guard let size = label.size else {
        log.report(.labelWantsAxis(split.part, orSize: .axisOrSize, at: label.value.span))
        return nil
      }
      let same = draft.splits.first {
        $0.base == base && $0.direction == split.direction && $0.size.size == size
          && broughtNames[$0.size.name.text] != nil
      }
      if let same { return same.size }
      standard = size
    }
    let name = call.ownName(of: split.part)
    let size = SizeTree(name: name, size: standard)
    if bring(name, as: split.part, in: index, &draft) { draft.sizes.append(size) }
    return size
  }

  /// The size of a split that the caller gives as an axis: one of its own splits, or what an
  /// `axis` declares, which from now on is a part of the axis that is split.
  private mutating func splitSize(_ axis: AxisTree, draft: inout AxisDraft) -> SizeTree? {
    usedAxes.insert(axis.text)
    if let known = draft.splits.first(where: { $0.size.name.text == axis.text }) {
      return known.size
    }
    guard
      let place = draft.bases.firstIndex(where: { $0.name.text == axis.text && $0.isDeclared })
    else {
      log.report(
        .unknownAxis(
          axis.text,
          nearest: nearest(to: axis.text, among: draft.bases.map(\.name.text)), at: axis.span))
      return nil
    }
    let base = draft.bases.remove(at: place)
    return SizeTree(name: base.name, size: base.standard)
  }
}

extension Callee {
  /// The size that an axis has where nothing else is said.
  fileprivate func standardSize(named name: String) -> Int? {
    norm.sizes.first { $0.name == name }?.standard
  }
}

extension Argument {
  /// The size that it is, if it is a whole number.
  fileprivate var size: Int? {
    guard case .number(_, let text) = value.form, let size = Int(text), (1...1 << 31) ~= size else {
      return nil
    }
    return size
  }
}
