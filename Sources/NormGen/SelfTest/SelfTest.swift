import Interpreter
import LoopIR
import Syntax

extension Options.Scalar {
  /// The largest deviation of compiled code from the interpreter, in units of the result. Sums of
  /// up to a few thousand numbers are off by some dozen units in the last place. Dividing by a
  /// small deviation multiplies that: for a single element by 1 / sqrt(eps), which is 316 for 1e-5.
  package var deviationLimit: Double {
    switch self {
    case .float32: 1e-3
    case .float64: 1e-11
    // As float32, and the result is rounded once more, by up to 2^-8 or 2^-11 of it.
    case .bfloat16: 5e-3
    case .float16: 1.5e-3
    }
  }
}

/// The largest deviation of central differences in float64 with a step of 1e-5.
private let differenceLimit = 1e-6

/// Checks what is compiled from a norm: the JIT and C against the interpreter at awkward sizes,
/// and against each other to the last bit; the interpreter's gradient against finite differences.
///
/// - Parameters:
///   - types: the types of tensors; parameters and states are of the type that is computed in.
///   - sizes: sizes that stay the same in all cases, by name.
///   - threads: if there are several, they are compared with one, to the last bit.
///   - observe: is called with the name of each step that begins.
/// - Throws: `InputError` if the sizes do not fit; what the compiler throws for its own bugs.
package func selfTest(
  _ norm: CheckedNorm, types: [Options.Scalar], sizes: [String: Int], threads: Int = 1,
  observe: (String) -> Void = { _ in }
) throws -> SelfTestReport {
  try norm.checkSizes(sizes)
  let pool = try Kernel.Threads(count: threads)
  let cases = try norm.awkwardSizeCases(fixed: sizes)
  var report = SelfTestReport()
  var phases: [CallPhase] = []
  for type in types {
    observe("\(norm.name): compiling for \(type.rawValue)")
    let engines = try TestedEngines(norm, type)
    phases = engines.phases
    for phase in phases {
      observe("\(norm.name): \(type.rawValue), \(phase.rawValue)")
      for row in try engines.compare(norm, cases, phase) { report.append(row) }
      guard threads > 1 else { continue }
      let sizes = try CallSizes(norm, extents: norm.largeSizeCase(fixed: sizes))
      for row in try engines.compare(norm, sizes, phase, pool) { report.append(row) }
    }
  }
  observe("\(norm.name): finite differences")
  for phase in phases {
    if let row = try compareDifferences(norm, sizes, phase) { report.append(row) }
  }
  return report
}

/// The same norm compiled in both ways.
private struct TestedEngines {
  private let type: Options.Scalar
  private let jit: Kernel
  private let cc: Kernel

  init(_ norm: CheckedNorm, _ type: Options.Scalar) throws {
    self.type = type
    var options = Options()
    options.type = type
    let compiled = try compile(norm, options)
    jit = try Kernel(compiled, engine: .jit)
    cc = try Kernel(compiled, engine: .cc())
  }

  /// Those that have functions of their own: evaluation only where it differs from training.
  var phases: [CallPhase] {
    CallPhase.allCases.filter { phase in
      jit.interface.functions.contains { $0.phase == phase && $0.event == nil }
    }
  }

  /// Compares forward and backward in one phase.
  func compare(
    _ norm: CheckedNorm, _ cases: [CallSizes], _ phase: CallPhase
  ) throws -> [SelfTestReport.Row] {
    let what = "\(type.rawValue) \(phase.rawValue)"
    var rows = [
      SelfTestReport.Row(norm.name, "jit = interpreter, \(what)", limit: type.deviationLimit),
      SelfTestReport.Row(norm.name, "cc = interpreter, \(what)", limit: type.deviationLimit),
      SelfTestReport.Row(norm.name, "jit = cc, \(what)", limit: 0),
    ]
    for (index, sizes) in cases.enumerated() {
      let call = try BoundCall(random: norm, sizes, phase, type: type, seed: UInt64(index))
      let expected = try interpret(call)
      let (fromJIT, fromC) = (try jit.evaluate(call), try cc.evaluate(call))
      rows[0].compare(expected, fromJIT, at: sizes.text)
      rows[1].compare(expected, fromC, at: sizes.text)
      rows[2].compare(fromC, fromJIT, at: sizes.text)
    }
    return rows
  }

  /// Compares one thread with several in one phase.
  func compare(
    _ norm: CheckedNorm, _ sizes: CallSizes, _ phase: CallPhase, _ threads: Kernel.Threads
  ) throws -> [SelfTestReport.Row] {
    let call = try BoundCall(random: norm, sizes, phase, type: type, seed: 1)
    return try [("jit", jit), ("cc", cc)].map { name, kernel in
      var row = SelfTestReport.Row(
        norm.name,
        "\(name): \(threads.count) threads = 1 thread, \(type.rawValue) \(phase.rawValue)", limit: 0
      )
      let alone = try kernel.evaluate(call)
      row.compare(alone, try kernel.evaluate(call, threads: threads), at: sizes.text)
      return row
    }
  }
}

/// The gradient against finite differences at one choice of small sizes; `nil` where the source
/// gives a gradient of its own, which no difference follows.
private func compareDifferences(
  _ norm: CheckedNorm, _ fixed: [String: Int], _ phase: CallPhase
) throws -> SelfTestReport.Row? {
  guard norm.phase(phase).gradients.isEmpty else { return nil }
  let sizes = try CallSizes(norm, extents: norm.smallSizeCase(fixed: fixed))
  let call = try BoundCall(random: norm, sizes, phase, type: .float64, seed: 1)
  let interpreter = Interpreter(norm)
  let binding = call.interpreterBinding
  let forward = try interpreter.forward(phase: call.mode, binding)
  let backward = try interpreter.backward(forward, outputGradients: call.outputGradients)
  var row = SelfTestReport.Row(
    norm.name, "gradient = differences, \(phase.rawValue)", limit: differenceLimit)
  for (name, gradient) in backward.gradients.sorted(by: { $0.key < $1.key }) {
    let differences = try interpreter.finiteDifferences(
      around: forward, binding, outputGradients: call.outputGradients, withRespectTo: name)
    row.cases += differences.count
    row.note(scaledDeviation(differences, gradient), "d_\(name), \(sizes.text)")
  }
  return row
}

extension CheckedNorm {
  fileprivate func phase(_ phase: CallPhase) -> Phase {
    switch phase {
    case .train: train
    case .eval: eval
    }
  }
}

extension CallSizes {
  /// The sizes by name: `N = 3, C = 17`.
  fileprivate var text: String {
    byName.sorted { $0.key < $1.key }.map { "\($0.key) = \($0.value)" }.joined(separator: ", ")
  }
}
