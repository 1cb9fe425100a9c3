import LoopIR
import NormGen

/// Measures a norm on some engines, beside `memcpy` over as many bytes.
///
/// - Parameters:
///   - verification: what the results are compared with before they are measured.
///   - seconds: how long each function is measured.
///   - observe: is called with the name of each step that begins.
/// - Throws: `InputError` if sizes or settings do not fit the norm; what the compiler throws.
package func benchmark(
  _ norm: NormCase, on engines: [BenchmarkEngine], verification: Verification = .none,
  seconds: Double, observe: (String) -> Void = { _ in }
) throws -> [BenchmarkRecord] {
  observe("compiling \(norm.norm.name)")
  var store = KernelStore()
  let prepared = try PreparedCase(norm, engines, &store)
  var records: [BenchmarkRecord] = []
  for function in norm.functions {
    let name = norm.name(function)
    var deviations = engines.map { _ in Double?.none }
    switch verification {
    case .none: break
    case .interpreter:
      observe("verifying \(name)")
      deviations = try prepared.deviations(function)
    }
    observe("measuring \(name)")
    let bytes = try prepared.byteCount(function)
    let subjects = try prepared.subjects(function) + [Subject.copy(moving: bytes)]
    let timings = try Rounds(seconds: seconds).measure(subjects)
    guard let copy = timings.last else { continue }
    for (index, engine) in engines.enumerated() {
      var record = BenchmarkRecord(
        name: name, engine: engine.name, threads: engine.threads, timings[index], bytes: bytes,
        copy: copy)
      record.deviation = deviations[index]
      records.append(record)
    }
  }
  return records
}

/// What the results of a benchmark are compared with.
package enum Verification: Sendable {
  case none
  /// The interpreter, on the arrays that are measured; it takes far longer than kernels.
  case interpreter
}
