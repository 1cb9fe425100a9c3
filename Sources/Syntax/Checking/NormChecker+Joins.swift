import Basics

// `group H, W as S of P = 4`.
extension NormChecker {
  /// Reads a group of joined axes; `nil` after a mistake, which is reported.
  mutating func join(_ group: GroupTree, _ draft: inout AxisDraft) -> JoinDraft? {
    let size = group.size.name
    guard let joined = group.joined else {
      let span = group.axes[0].span.through(group.axes[group.axes.count - 1].span)
      log.report(.unnamedJoin(group.axes.map(\.text), at: span))
      axes.broken.insert(size.text)
      return nil
    }
    axes.broken.formUnion([joined.text, size.text, "\(joined.text)/\(size.text)"])
    var parts: [String] = []
    for axis in group.axes {
      guard let base = draft.bases.first(where: { $0.name.text == axis.text }) else {
        reportUnknownAxis(axis, known: draft.bases.map(\.name.text))
        return nil
      }
      if base.isRun {
        log.report(.joinedRun(axis.text, at: axis.span))
        return nil
      }
      if let first = draft.splits.first(where: { $0.base == axis.text }) {
        log.report(.alreadySplit(first.base, into: first.size.name.text, at: axis.span))
        return nil
      }
      if parts.contains(axis.text) {
        log.report(.axisTwice(axis.text, at: axis.span))
        return nil
      }
      parts.append(axis.text)
    }
    guard claim(joined, in: &draft.taken), claim(size, in: &draft.taken) else { return nil }
    axes.broken.subtract([joined.text, size.text, "\(joined.text)/\(size.text)"])
    return JoinDraft(name: joined, parts: parts, direction: group.direction, size: group.size)
  }

  /// Makes the atoms of joined axes.
  mutating func add(_ join: JoinDraft, _ ids: [String: SizeID]) {
    guard let part = ids[join.size.name.text] else { return }
    let first = axes.axes.count
    addParts(
      of: join.name.text, join.direction, join.size.name, .size(part),
      .share(of: join.parts.compactMap { ids[$0] }, by: part))
    let atoms = (first..<axes.axes.count).map { AxisID($0) }
    let parts = join.parts.flatMap { axes.entries[$0]?.dimension.axes ?? [] }
    axes.joins.append(.init(name: join.name.text, parts: parts, atoms: atoms))
    let dimension = Dimension(name: join.name.text, axes: atoms)
    axes.wholes.append(dimension)
    axes.entries[join.name.text] = .init(
      dimension: dimension, span: join.name.span, isDeclared: true)
  }

  /// Lets operands of one operation meet: where one has the axes that are joined and another those
  /// of the joined axis, or of another one, they all get the axes that are joined.
  func aligned(_ operands: [Resolved]) -> [Resolved] {
    var operands = operands
    for join in axes.joins {
      let others =
        join.parts
        + axes.joins.filter {
          $0.name != join.name && !$0.parts.allSatisfy { !join.parts.contains($0) }
        }
        .flatMap(\.atoms)
      let isApart =
        operands.contains { $0.varies(along: join.atoms) }
        && operands.contains { $0.varies(along: others) }
      guard isApart else { continue }
      operands = operands.map { $0.regrouped(from: join.atoms, to: join.parts) }
    }
    return operands
  }

  /// Gives operands the axes by which `wanted` names their places.
  func aligned(_ operands: [Resolved], to wanted: [AxisID]) -> [Resolved] {
    var operands = operands
    for join in axes.joins {
      if join.atoms.contains(where: wanted.contains) {
        operands = operands.map { $0.regrouped(from: join.parts, to: join.atoms) }
      } else if join.parts.contains(where: wanted.contains) {
        operands = operands.map { $0.regrouped(from: join.atoms, to: join.parts) }
      }
    }
    return operands
  }
}

extension AxisTable {
  /// `true` iff one of the first axes is joined to what one of the second is a part of.
  func joins(of parts: [AxisID], contain atoms: [AxisID]) -> Bool {
    joins.contains { join in
      join.parts.contains(where: parts.contains) && join.atoms.contains(where: atoms.contains)
    }
  }

  /// `true` iff `atoms` name some places twice, by what is joined and by the joined axis.
  func nameTwice(_ atoms: [AxisID]) -> Bool { joins(of: atoms, contain: atoms) }
}

extension Resolved {
  fileprivate func varies(along atoms: [AxisID]) -> Bool {
    term.axes.contains(where: atoms.contains)
  }

  /// The same with the axes `to` for `from`, if it has any of these.
  fileprivate func regrouped(from: [AxisID], to: [AxisID]) -> Resolved {
    guard varies(along: from) else { return self }
    var result = self
    let axes = Set(term.axes).subtracting(from).union(to).sorted()
    result.term = Term(
      .regroup(term, from: from, to: to), axes: axes, isCondition: term.isCondition)
    result.count += 1
    return result
  }
}
