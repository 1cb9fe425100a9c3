import Interpreter
import NumPyFormat
import Syntax

/// Runs a norm once, and calls `observe` with the name of each step that begins.
///
/// The result holds each output, the values of states and counters after the run, and with
/// gradients `d_NAME` for each tensor and parameter; numbers are of the types of the
/// options, bfloat16 as float32.
///
/// - Throws: `InputError` if an input does not fit; what the compiler throws for its own bugs.
package func run(
  _ request: RunRequest, observe: (String) -> Void = { _ in }
) throws -> [NamedArray] {
  let norm = try laidOut(request.norm, request.options.layouts)
  let call = try BoundCall(norm, request)
  switch request.engine {
  case .interpreter:
    observe("interpreting \(norm.name)")
    do {
      return try arrays(of: interpret(call), call)
    } catch let error as InterpreterError {
      // What else it refuses was checked before.
      guard case .indexOutOfRange = error else { throw error }
      throw InputError(error.description)
    }
  case .jit:
    return try arrays(of: runKernel(request, call, on: .jit, observe), call)
  case .cc:
    return try arrays(of: runKernel(request, call, on: .cc(), observe), call)
  }
}

private func runKernel(
  _ request: RunRequest, _ call: BoundCall, on engine: Engine, _ observe: (String) -> Void
) throws -> CallResult {
  observe("compiling \(call.norm.name)")
  let compiled = try compile(request.norm, request.options.ofCalls)
  do throws(KernelError) {
    let kernel = try Kernel(compiled, engine: engine)
    observe("running \(call.norm.name)")
    return try kernel.evaluate(call, threads: Kernel.Threads(count: request.threads))
  } catch {
    if let reason = error.reasonForCaller(of: engine) { throw reason }
    throw error
  }
}

extension KernelError {
  /// The same as a mistake of the caller or a refusal of the machine; `nil` for a bug of ours.
  package func reasonForCaller(of engine: Engine) -> InputError? {
    switch self {
    // Sizes for which the compiled code has no answer are the caller's.
    case .status, .transport, .tooLarge, .outOfMemory, .noThreads, .notDivisible:
      InputError(description)
    case .compilation(let reason) where engine != .jit:
      InputError("the C compiler of the system failed: \(reason)")
    case .options, .compilation, .noFunction, .missingSize, .unknownSize, .negativeSize,
      .missingArgument, .unknownArgument, .wrongLength, .wrongType, .misaligned, .notWritable:
      nil
    }
  }
}

/// The results in the order of their values in the source.
private func arrays(of result: CallResult, _ call: BoundCall) -> [NamedArray] {
  func array(_ name: String, _ value: Value) -> NamedArray? {
    guard let numbers = result.numbers[name] else { return nil }
    let elements: NumPyArray.Elements =
      switch call.storage(of: value) {
      case .float32: .float32(numbers.map { Float($0) })
      // NumPy has no bfloat16; as float32 its numbers are exact.
      case .bfloat16: .float32(numbers.map { Float(BFloat16($0)) })
      case .float64: .float64(numbers)
      case .float16: .float16(numbers.map { Float16($0) })
      }
    return NamedArray(
      name: name, array: NumPyArray(shape: call.sizes.shape(of: value), elements: elements))
  }
  let norm = call.norm
  let outputs = norm.outputs.compactMap { id in
    array(norm.values[id.index].name, norm.values[id.index])
  }
  let declared = norm.values.compactMap { value -> NamedArray? in
    switch value.kind {
    case .parameter where call.event != nil: return array(value.name, value)
    case .tensor, .parameter: return array("d_" + value.name, value)
    case .state: return array(value.name, value)
    case .counter:
      guard let count = result.counters[value.name] else { return nil }
      return NamedArray(
        name: value.name, array: NumPyArray(shape: [], elements: .int64([Int64(count)])))
    case .mask, .index, .scalar, .equation, .adjoint, .eventArgument: return nil
    }
  }
  return outputs + declared
}
