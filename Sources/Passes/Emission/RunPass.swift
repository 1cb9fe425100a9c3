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
    /// Two at most, each of which holds slots of its own.
    case twoSteps
  }

  /// What it is told.
  var switches: [KernelSwitch] { length == .oneStepIfTold ? [.oneStep] : [] }

  /// The rows that it is given.
  var rows: [Row] {
    parameters.compactMap { parameter in
      if case .row(let row) = parameter.motion { row } else { nil }
    }
  }

  /// The loop over whole steps, and the rest.
  func function(_ comment: String) -> CFunction {
    CFunction(
      comment: comment, prefix: ["INLINE"], name: "NAME(\(name))",
      parameters: parameters.flatMap(\.ofPass).map(\.parameter)
        + switches.map { CParameter(.bool, $0.rawValue) } + [
          CParameter(.size, "first"), CParameter(.size, "last"),
        ],
      body: [.declare(.size, "j", .name("first"))] + steps)
  }

  private var steps: [CStatement] {
    let (j, slots, last) = (
      CExpression.name("j"), CExpression.name("SLOTS"), CExpression.name("last")
    )
    let isWhole = CExpression.binary(.lessOrEqual, .add(j, slots), last)
    let live = CExpression.cast(.int, .subtract(last, j))
    let rest = CStatement.branch(.less(j, last), [step(live: live, streams: .name("false"))])
    let any = [CStatement.loop(CLoop(nil, while: isWhole, step: .add(j, slots), [whole])), rest]
    switch length {
    case .any: return any
    case .oneStepIfTold:
      let only = step(
        live: .call("more_than", live, .cast(.int, .lessThanStep)), streams: .name("false"))
      return [.branch(.name(KernelSwitch.oneStep.rawValue), [only], otherwise: any)]
    case .twoSteps:
      let second = step(live: live, streams: .name("false"), isSecond: true)
      return [
        .branch(
          isWhole, [whole, .add(j, slots), .branch(.less(j, last), [second])], otherwise: [rest])
      ]
    }
  }

  /// A step of `SLOTS` elements.
  private var whole: CStatement { step(live: .name("SLOTS")) }

  private func step(
    live: CExpression, streams: CExpression = .name("stream"), isSecond: Bool = false
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
      case .held(let beyond): isSecond ? .name(beyond) : own
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
