/// The C interface of a compiled norm: what a caller, a manifest or a binding needs to know.
///
/// It says nothing of how a kernel works, and everything about how it is called.
package struct KernelInterface: Sendable {
  /// The name of the norm in the source.
  package var norm: String
  /// What the names of all functions and types begin with: `layer_norm`.
  package var prefix: String
  /// What the kernels compute in.
  package var type: ComputeType
  /// What tensors and outputs are stored in; parameters, states and statistics may differ.
  package var data: KernelArgument.ElementType
  /// The sizes that are arguments, in order; baked ones are left out.
  package var sizes: [SizeParameter]
  /// The quotients that must have no remainder.
  package var quotients: [ArrayDimension.Extent] = []
  /// In order: forward, forward of evaluation, their backwards, then other derivatives, events. A
  /// function that equals another stands once: without states, evaluation is training.
  package var functions: [KernelFunction]
  /// The functions that several processes compute together, step by step; in `functions` stands
  /// what a process computes alone.
  package var ranked: [RankedFunction]

  package init(
    norm: String, prefix: String, type: ComputeType,
    data: KernelArgument.ElementType = .real, sizes: [SizeParameter],
    functions: [KernelFunction], ranked: [RankedFunction] = []
  ) {
    self.norm = norm
    self.prefix = prefix
    self.type = type
    self.data = data
    self.sizes = sizes
    self.functions = functions
    self.ranked = ranked
  }

  /// All C functions with arguments of the norm: the calls, the events and the steps.
  package var allFunctions: [KernelFunction] { functions + ranked.flatMap(\.steps) }

  /// The function of several processes for a phase and direction; `nil` where each process computes
  /// alone.
  package func rankedFunction(_ direction: Direction, _ phase: CallPhase) -> RankedFunction? {
    ranked.first { $0.direction == direction && $0.phase == phase }
  }

  /// The function for a phase and direction: the one of training where evaluation has none.
  package func function(_ direction: Direction, _ phase: CallPhase) -> KernelFunction? {
    let calls = functions.filter { $0.event == nil }
    return calls.first { $0.direction == direction && $0.phase == phase }
      ?? calls.first { $0.direction == direction && $0.phase == .train }
  }

  /// The function of an event.
  package func function(event name: String) -> KernelFunction? {
    functions.first { $0.event == name }
  }

  /// The name of `size_t PREFIX_workspace(sizes)`, the bytes of workspace that any of the
  /// functions needs; `SIZE_MAX` if the sizes cannot be addressed.
  package var workspaceSymbol: String { prefix + "_workspace" }
  /// The name of `const char *PREFIX_status_text(status)`.
  package var statusTextSymbol: String { prefix + "_status_text" }
}

/// A size that a caller gives.
package struct SizeParameter: Hashable, Sendable {
  package var name: String
  /// The size where the caller says nothing; `nil` for axes of the head.
  package var standard: Int?
  package var isRun: Bool

  package init(name: String, standard: Int?, isRun: Bool) {
    self.name = name
    self.standard = standard
    self.isRun = isRun
  }
}

package enum CallPhase: String, Hashable, CaseIterable, Sendable {
  case train, eval
}

package enum Direction: String, Hashable, CaseIterable, Sendable {
  case forward, backward
  /// The Jacobian-vector product: tangents of the outputs.
  case jvp
  /// The backward of the backward.
  case vjp2

  /// Those that a norm has unless options say otherwise.
  package static let standard: [Direction] = [.forward, .backward]
}

/// One C function: `status symbol(arguments)`.
package struct KernelFunction: Sendable {
  package var direction: Direction
  package var phase: CallPhase
  /// The event that the function is, forward in evaluation; `nil` for the calls of a norm.
  package var event: String?
  /// The name in C.
  package var symbol: String
  /// In the order of the C function: sizes, tangents and adjoints in, tensors in, masks and
  /// indices, parameters, states, scalars, tensors out, saved for backward, workspace, executor.
  package var arguments: [KernelArgument]

  package init(
    direction: Direction, phase: CallPhase, event: String? = nil, symbol: String,
    arguments: [KernelArgument]
  ) {
    self.direction = direction
    self.phase = phase
    self.event = event
    self.symbol = symbol
    self.arguments = arguments
  }
}

/// One argument of a C function.
package struct KernelArgument: Sendable {
  /// The name in C: `x`, `next_phi`, `d_weight`.
  package var name: String
  /// The name in the source that it belongs to: `phi` for `next_phi`, `weight` for `d_weight`.
  package var subject: String
  package var role: Role
  package var type: ElementType
  /// `nil` for what is passed by value; else how the array's length is made, slowest first (none
  /// for a single element).
  package var shape: [ArrayDimension]?
  /// One line about it for the header.
  package var note: String
  /// What the places of an index are counted along.
  package var indexed: [ArrayDimension] = []

  package init(
    name: String, subject: String, role: Role, type: ElementType, shape: [ArrayDimension]?,
    note: String = ""
  ) {
    self.name = name
    self.subject = subject
    self.role = role
    self.type = type
    self.shape = shape
    self.note = note
  }

  /// What an argument is for. "In" is read, "out" is written and may be NULL.
  package enum Role: String, Hashable, CaseIterable, Sendable {
    /// A size of `KernelInterface.sizes`; by value.
    case size
    /// A tensor of the head; in.
    case tensor
    /// The adjoint of an output (`d_y`), for backward and vjp2; in.
    case outputGradient = "output_gradient"
    /// The direction of a tensor or parameter (`t_x`), for jvp; in.
    case tangent
    /// The adjoint of the gradient by a tensor or parameter (`dd_x`), for vjp2; in.
    case gradientAdjoint = "gradient_adjoint"
    case mask
    /// Places along an axis; in.
    case index
    case parameter
    /// A state before the call; in.
    case state
    /// A state after the call, or a parameter after an event; out; it may be the same array as
    /// that before.
    case nextState = "next_state"
    /// The number of training calls before this one, or so far; by value.
    case counter
    /// That number after this call; out.
    case nextCounter = "next_counter"
    /// A number or condition given at each call; by value.
    case scalar
    /// A number that the caller of an event gives; by value.
    case eventArgument = "event_argument"
    /// An output of the head; out.
    case output
    /// The tangent of an output (`t_y`); out.
    case outputTangent = "output_tangent"
    /// The adjoint of a tensor or parameter (`d_x`); out.
    case gradient
    /// The adjoint of the gradient by an output (`dd_y`); out.
    case outputGradientAdjoint = "output_gradient_adjoint"
    /// What forward keeps for backward: out in forward, in in backward.
    case saved
    /// What other processes need of this one; out.
    case partials
    /// What the partial results of all processes make together; in.
    case merged
    case workspace, executor
  }

  /// The C type of an argument or of its elements.
  package enum ElementType: String, Hashable, CaseIterable, Sendable {
    /// The kernel's float or double.
    case real
    /// `uint16_t`, which holds a bfloat16.
    case bfloat16
    /// `uint16_t`, which holds a float16.
    case float16
    /// `double`
    case double
    /// `uint8_t`, 0 or not 0
    case mask
    /// `int64_t`
    case int64
    /// `size_t`
    case size
    /// `bool`
    case bool
    /// `void`
    case bytes
    /// `normgen_executor`
    case executor
  }
}

/// One dimension of an array that is passed: the product of some extents.
package struct ArrayDimension: Hashable, Sendable {
  /// The name in the source: `C`, `C/G`, `N`.
  package var name: String
  package var extents: [Extent]
  /// `true` iff it stands for a run of a caller's dimensions.
  package var isRun: Bool

  package init(name: String, extents: [Extent], isRun: Bool = false) {
    self.name = name
    self.extents = extents
    self.isRun = isRun
  }

  /// How long one axis is.
  package enum Extent: Hashable, Sendable {
    /// A size that is an argument, by its name.
    case size(String)
    /// The first divided by the second.
    indirect case quotient(Extent, by: Extent)
    indirect case product([Extent])
    /// A size that was baked in.
    case fixed(Int)

    /// The number that was baked in; `nil` where sizes of the call decide.
    package var number: Int? {
      if case .fixed(let number) = self { number } else { nil }
    }
  }
}
