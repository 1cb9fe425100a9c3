import CCode

/// A pass over the elements of a run.
struct RunPass {
  let name: String
  let step: String
  let parameters: [StepParameter]
  /// The rows that it takes together.
  let group: RowGroup?
  let length: Length

  /// How many steps there are.
  enum Length {
    case any
    /// One, all quarters of which hold something, if the kernel is told so.
    case oneStepIfTold
  }

  /// What it is told.
  var switches: [KernelSwitch] { length == .any ? [] : [.oneStep] }

  /// The rows that it is given.
  var rows: [Row] {
    parameters.compactMap { parameter in
      if case .row(let row) = parameter.motion { row } else { nil }
    }
  }

  /// The loop over whole steps, and the rest.
  func function(_ comment: String) -> CFunction {
    let (j, slots, last) = (
      CExpression.name("j"), CExpression.name("SLOTS"), CExpression.name("last")
    )
    let whole = CLoop(
      nil, while: .binary(.lessOrEqual, .add(j, slots), last), step: .add(j, slots),
      [step(live: slots)])
    let live = CExpression.cast(.int, .subtract(last, j))
    let rest = step(live: live, streams: .name("false"))
    let steps: [CStatement] = [.loop(whole), .branch(.less(j, last), [rest])]
    let only = step(
      live: .call("more_than", live, .cast(.int, .lessThanStep)), streams: .name("false"))
    return CFunction(
      comment: comment, prefix: ["INLINE"], name: "NAME(\(name))",
      parameters: parameters.compactMap(\.ofPass)
        + switches.map { CParameter(.bool, $0.rawValue) } + [
          CParameter(.size, "first"), CParameter(.size, "last"),
        ],
      body: [.declare(.size, "j", .name("first"))]
        + (length == .any
          ? steps : [.branch(.name(KernelSwitch.oneStep.rawValue), [only], otherwise: steps)]))
  }

  private func step(
    live: CExpression, streams: CExpression = .name("stream")
  ) -> CStatement {
    let arguments = parameters.map { parameter -> CExpression in
      let own = CExpression.name(parameter.parameter.name)
      return switch parameter.motion {
      case .fixed: own
      case .along: .add(own, .name("j"))
      case .alongUnlessNull: .conditional(own, .add(own, .name("j")), .name("NULL"))
      case .place: .name("j")
      case .live: live
      case .bound: .call("step_before", own, .name("j"))
      case .stream: streams
      case .column, .row: .add(own, .subtract(.name("j"), .name("first")))
      case .slots: .add(own, .divide(.subtract(.name("j"), .name("first")), .name("LANES")))
      }
    }
    return .expression(.callVariant(step, arguments))
  }
}

extension CExpression {
  /// The elements of a step but for its last quarter.
  static var lessThanStep: CExpression {
    .subtract(.name("SLOTS"), .divide(.name("SLOTS"), .size(4)))
  }
}
