import Basics

extension NormChecker {
  /// The equation of a value of the forward that holds in `phase`.
  func equation(of id: ValueID, in phase: PhaseName) -> EquationRecord? {
    for index in values[id.index].equations where equations[index].phases.contains(phase) {
      return equations[index]
    }
    return nil
  }

  /// All values that `reads` lead to in `phase`, themselves included.
  func reached(from reads: [EquationRecord.Read], in phase: PhaseName) -> Set<ValueID> {
    var found: Set<ValueID> = []
    var pending = reads.map(\.value)
    while let id = pending.popLast() {
      guard found.insert(id).inserted else { continue }
      pending += equation(of: id, in: phase)?.reads.map(\.value) ?? []
    }
    return found
  }

  /// What happens in `phase`; reports names that it reads but that only the other one defines.
  mutating func phase(_ phase: PhaseName) -> Phase {
    let updates = updates.filter { $0.phases.contains(phase) }
    let blocks = gradients.filter { $0.phases.contains(phase) }
    var reads = updates.flatMap(\.reads)
    for block in blocks {
      reads.append(.init(value: block.value, span: block.name.span))
      reads += (block.equations + block.contributions + block.updates).flatMap(\.reads)
      reads += block.contributions.map { .init(value: $0.target, span: $0.name.span) }
    }
    let outputReads = outputs.map {
      EquationRecord.Read(value: $0, span: values[$0.index].span)
    }
    let used = reached(from: outputReads + reads, in: phase)
    for id in order where used.contains(id) {
      reads += equation(of: id, in: phase)?.reads ?? []
    }
    reportMissing(reads, in: phase)
    if phase == .eval {
      let computed = order.filter(used.contains).compactMap { equation(of: $0, in: phase) }
      checkRanks(
        in: computed + updates
          + blocks.flatMap { $0.equations + $0.contributions + $0.updates }, of: "eval")
    }
    return Phase(
      equations: order.filter(used.contains).compactMap {
        equation(of: $0, in: phase).flatMap { checked($0) }
      },
      updates: updates.compactMap { checked($0) },
      gradients: blocks.map {
        GradientBlock(
          value: $0.value, adjoint: $0.adjoint, equations: $0.equations.compactMap { checked($0) },
          contributions: $0.contributions.compactMap { checked($0) },
          updates: $0.updates.compactMap { checked($0) }, place: position(of: $0.name.span))
      })
  }

  /// The beginning of `span` as messages say it: `power_norm.norm:21:17`.
  private func position(of span: SourceSpan) -> String {
    let (line, column) = source.position(at: span.lower)
    return "\(source.name):\(line):\(column)"
  }

  /// Reports what reduces over ranks where no other process takes part.
  mutating func checkRanks(in records: [EquationRecord], of place: String) {
    for record in records where record.term?.isOverRanks == true {
      log.report(
        .ranksOutsideTraining(record.name.text, in: place, at: record.name.span))
    }
  }

  func checked(_ record: EquationRecord) -> Equation? {
    record.term.map {
      Equation(
        value: record.target, term: $0, line: source.line(at: record.name.span.lower))
    }
  }

  private mutating func reportMissing(_ reads: [EquationRecord.Read], in phase: PhaseName) {
    var reported: Set<ValueID> = []
    for read in reads {
      let record = values[read.value.index]
      guard !record.equations.isEmpty, equation(of: read.value, in: phase) == nil,
        reported.insert(read.value).inserted
      else { continue }
      let other: PhaseName =
        switch phase {
        case .train: .eval
        case .eval: .train
        }
      log.report(
        .definedElsewhere(
          record.value.name, in: other.rawValue, readIn: phase.rawValue, at: read.span))
    }
  }
}
