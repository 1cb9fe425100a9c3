import LoopIR

extension Kernel {
  /// What a caller must know of an argument of a function.
  public struct Argument: Hashable, Sendable {
    /// The name in C, by which it is given: `x`, `next_phi`, `d_weight`.
    public let name: String
    /// The name in the source that it belongs to: `phi` for `next_phi`.
    public let subject: String
    /// What it is for, as in the manifest: `tensor`, `parameter`, `next_state`.
    public let role: String
    /// How the elements of an array are stored; `nil` for what is passed by value.
    public let storage: KernelStorage?
    /// The axes of an array, slowest first; several that lie side by side are one: `N`, `C`.
    public let axes: [String]
    /// `true` iff the function reads the array.
    public let isRead: Bool
    /// `true` iff the function writes the array; it may then be left out.
    public let isWritten: Bool
  }

  /// The arguments of a function in order, without sizes, workspace and executor.
  ///
  /// - Throws: `.noFunction`.
  public func arguments(
    of direction: Direction, _ phase: Phase = .train
  ) throws(KernelError) -> [Argument] {
    try function(direction, phase).arguments.filter(\.isCallers).map { argument in
      Argument(
        name: argument.name, subject: argument.subject, role: argument.role.rawValue,
        storage: argument.storage(in: interface), axes: (argument.shape ?? []).map(\.name),
        isRead: argument.isRead(by: direction), isWritten: argument.isWritten(by: direction))
    }
  }
}

extension KernelArgument {
  /// `true` iff the caller gives it by name.
  fileprivate var isCallers: Bool {
    switch role {
    case .tensor, .outputGradient, .tangent, .gradientAdjoint, .mask, .index, .parameter, .state,
      .nextState, .counter, .nextCounter, .scalar, .eventArgument, .output, .gradient,
      .outputTangent, .outputGradientAdjoint, .saved:
      true
    case .size, .workspace, .executor, .partials, .merged: false
    }
  }
}
