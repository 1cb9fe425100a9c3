import LoopIR
import NormGen

/// Measures a norm on some engines, beside `memcpy` over as many bytes.
///
/// - Parameters:
///   - seconds: how long each direction is measured.
///   - observe: is called with the name of each step that begins.
/// - Throws: `InputError` if sizes or settings do not fit the norm; what the compiler throws.
package func benchmark(
  _ norm: NormCase, on engines: [BenchmarkEngine], seconds: Double,
  observe: (String) -> Void = { _ in }
) throws -> [BenchmarkRecord] {
  observe("compiling \(norm.norm.name)")
  var store = KernelStore()
  let prepared = try PreparedCase(norm, engines, &store)
  var records: [BenchmarkRecord] = []
  for direction in norm.directions {
    let name = norm.name(direction)
    observe("measuring \(name)")
    let bytes = try prepared.byteCount(direction)
    let subjects = try prepared.subjects(direction) + [Subject.copy(moving: bytes)]
    let timings = try Rounds(seconds: seconds).measure(subjects)
    guard let copy = timings.last else { continue }
    records += zip(engines, timings).map { engine, timing in
      BenchmarkRecord(
        name: name, engine: engine.name, threads: engine.threads, timing, bytes: bytes, copy: copy)
    }
  }
  return records
}
