import Basics

extension NormChecker {
  /// Finds all axes and makes their atoms.
  mutating func declareAxes() {
    var draft = AxisDraft(bases: headAxes())
    for base in draft.bases { draft.taken[base.name.text] = base.name.span }
    for statement in norm.statements {
      guard case .axis(let declared) = statement.form else { continue }
      for size in declared where claim(size.name, in: &draft.taken) {
        draft.bases.append(
          BaseAxis(name: size.name, standard: size.size, isRun: false, isDeclared: true))
      }
    }
    for statement in norm.statements {
      switch statement.form {
      case .axis(let declared): draft.sizes += declared
      case .group(let group):
        if group.joined != nil || group.axes.count > 1 {
          guard let join = join(group, &draft) else { break }
          draft.joins.append(join)
          draft.sizes.append(join.size)
          break
        }
        guard let split = split(group, &draft) else { break }
        draft.splits.append(split)
        draft.sizes.append(split.size)
      case .parameter, .state, .scalar, .mask, .index, .counter, .clause, .phase, .event, .line,
        .gradient:
        break
      }
    }
    bringAxes(into: &draft)
    makeAtoms(of: draft)
  }

  /// The axes that tensors of the head bring in, in order of appearance.
  private mutating func headAxes() -> [BaseAxis] {
    let declared = groupNames()
    var bases: [BaseAxis] = []
    for axis in norm.tensors.flatMap({ $0.axes ?? [] }) {
      let isRun =
        switch axis.suffix {
        case .none: false
        case .run: true
        case .quotient: Optional<Bool>.none
        }
      guard let isRun, !declared.contains(axis.name.text) else { continue }
      if axis.name.text == "ranks" {
        log.report(.ranksInHead(at: axis.span))
        axes.broken.insert("ranks")
      } else if let first = bases.first(where: { $0.name.text == axis.name.text }) {
        if first.isRun != isRun {
          log.report(.runDiffers(axis.name.text, first: first.name.span, at: axis.span))
        }
      } else {
        checkName(axis.name)
        bases.append(BaseAxis(name: axis.name, standard: nil, isRun: isRun, isDeclared: false))
      }
    }
    return bases
  }

  private func groupNames() -> Set<String> {
    var names: Set<String> = []
    for statement in norm.statements {
      guard case .group(let group) = statement.form else { continue }
      names.insert(group.size.name.text)
    }
    return names
  }

  /// Takes `name` for an axis, unless it is taken.
  mutating func claim(_ name: Identifier, in taken: inout [String: SourceSpan]) -> Bool {
    checkName(name)
    if name.text == "ranks" {
      log.report(.ranksInHead(at: name.span))
      axes.broken.insert("ranks")
      return false
    }
    if let first = taken[name.text] {
      log.report(.alreadyDefined(name.text, first: first, at: name.span))
      return false
    }
    taken[name.text] = name.span
    return true
  }

  private mutating func split(_ group: GroupTree, _ draft: inout AxisDraft) -> Split? {
    let size = group.size.name.text
    let axis = group.axes[0]
    axes.broken.formUnion([size, "\(axis.text)/\(size)"])
    guard let base = draft.bases.first(where: { $0.name.text == axis.text }) else {
      if let outer = draft.splits.first(where: {
        $0.size.name.text == axis.text || "\($0.base)/\($0.size.name.text)" == axis.text
      }) {
        log.report(.alreadySplit(outer.base, into: outer.size.name.text, at: axis.span))
      } else {
        reportUnknownAxis(axis, known: draft.bases.map(\.name.text))
      }
      return nil
    }
    if let join = draft.joins.first(where: { $0.parts.contains(base.name.text) }) {
      log.report(.alreadyJoined(base.name.text, in: join.name.text, at: axis.span))
      return nil
    }
    if let first = draft.splits.first(where: { $0.base == base.name.text }) {
      log.report(.alreadySplit(first.base, into: first.size.name.text, at: axis.span))
      return nil
    }
    guard claim(group.size.name, in: &draft.taken) else { return nil }
    axes.broken.subtract([size, "\(axis.text)/\(size)"])
    return Split(base: base.name.text, direction: group.direction, size: group.size)
  }

  /// Fills the table.
  private mutating func makeAtoms(of draft: AxisDraft) {
    var ids: [String: SizeID] = [:]
    for base in draft.bases where !base.isDeclared {
      ids[base.name.text] = SizeID(axes.sizes.count)
      axes.sizes.append(Size(name: base.name.text, isRun: base.isRun))
    }
    for size in draft.sizes where ids[size.name.text] == nil {
      ids[size.name.text] = SizeID(axes.sizes.count)
      axes.sizes.append(Size(name: size.name.text, standard: size.size))
    }
    for base in draft.bases {
      guard let whole = ids[base.name.text] else { continue }
      let name = base.name.text
      let first = axes.axes.count
      if let split = draft.splits.first(where: { $0.base == name }),
        let part = ids[split.size.name.text]
      {
        addParts(
          of: name, split.direction, split.size.name, .size(part), .quotient(whole, by: part))
      } else {
        axes.axes.append(Axis(name: name, extent: .size(whole)))
      }
      let dimension = Dimension(
        name: name, axes: (first..<axes.axes.count).map { AxisID($0) }, isRun: base.isRun)
      axes.wholes.append(dimension)
      axes.entries[name] = .init(
        dimension: dimension, span: base.name.span, isDeclared: base.isDeclared)
    }
    for join in draft.joins { add(join, ids) }
  }

  /// Adds the two atoms that `whole` is split into.
  mutating func addParts(
    of whole: String, _ direction: GroupTree.Direction, _ size: Identifier,
    _ part: Axis.Extent, _ rest: Axis.Extent
  ) {
    let named = Axis(name: size.text, extent: part)
    let other = Axis(name: "\(whole)/\(size.text)", extent: rest)
    let atoms =
      switch direction {
      case .into: [named, other]
      case .of: [other, named]
      }
    for atom in atoms {
      axes.entries[atom.name] = .init(
        dimension: Dimension(name: atom.name, axes: [AxisID(axes.axes.count)]), span: size.span,
        isDeclared: true)
      axes.axes.append(atom)
    }
  }
}

/// Where a list of axes stands.
enum AxisPlace {
  /// The brackets of a tensor or output in the head.
  case head
  /// The brackets of a declaration.
  case declaration
  /// The brackets of a reduction.
  case reduction
}

extension NormChecker {
  /// Returns the dimensions that `list` names; `nil` after a mistake, which is reported.
  mutating func resolveAxes(_ list: [AxisTree], in place: AxisPlace) -> [Dimension]? {
    var dimensions: [Dimension] = []
    var isRight = true
    for axis in list {
      guard let dimension = resolveAxis(axis, in: place) else {
        isRight = false
        continue
      }
      if let other = dimensions.first(where: { axes.joins(of: $0.axes, contain: dimension.axes) }) {
        log.report(.axisContains(dimension.name, other.name, at: axis.span))
        isRight = false
      } else if let other = dimensions.first(where: {
        axes.joins(of: dimension.axes, contain: $0.axes)
      }) {
        log.report(.axisContains(other.name, dimension.name, at: axis.span))
        isRight = false
      } else if let other = dimensions.first(where: {
        !Set($0.axes).isDisjoint(with: dimension.axes)
      }) {
        log.report(
          other.name == dimension.name
            ? .axisTwice(other.name, at: axis.span)
            : other.axes.count > dimension.axes.count
              ? .axisContains(other.name, dimension.name, at: axis.span)
              : .axisContains(dimension.name, other.name, at: axis.span))
        isRight = false
      } else if place != .reduction, dimension.isRun, dimensions.contains(where: \.isRun) {
        log.report(.twoRuns(at: axis.span))
        isRight = false
      } else {
        dimensions.append(dimension)
      }
    }
    return isRight ? dimensions : nil
  }

  /// Returns the dimension that `axis` names; `nil` after a mistake, which is reported.
  mutating func resolveAxis(_ axis: AxisTree, in place: AxisPlace) -> Dimension? {
    if let entry = axes.entries[axis.text] {
      if case .run = axis.suffix {
        if place != .head || !entry.dimension.isRun {
          log.report(.dotsOutsideHead(axis.text, at: axis.span))
          return nil
        }
      } else if place == .head, entry.dimension.isRun {
        log.report(.runDiffers(axis.text, first: entry.span, at: axis.span))
        return nil
      }
      usedAxes.insert(axis.text)
      return entry.dimension
    }
    if axes.broken.contains(axis.text) { return nil }
    if axis.text == "ranks" {
      log.report(.ranksInHead(at: axis.span))
      axes.broken.insert("ranks")
    } else if scope[axis.text] != nil {
      log.report(.valueNotAxis(axis.text, at: axis.span))
    } else {
      reportUnknownAxis(axis, known: axes.names)
    }
    return nil
  }

  mutating func reportUnknownAxis(_ axis: AxisTree, known: [String]) {
    log.report(
      .unknownAxis(axis.text, nearest: nearest(to: axis.text, among: known), at: axis.span))
    axes.broken.insert(axis.text)
  }
}
