import LoopIR
import NormGen

/// Measures the cases of the table, one after the other.
package struct TableRun {
  private let files: TableFiles
  /// Seconds for each direction of a case.
  private let seconds: Double
  private let peers: Peers?
  private let observe: (String) -> Void
  private var store = KernelStore()

  /// - Parameters:
  ///   - peers: other libraries, which are measured in rounds that alternate with ours.
  ///   - observe: is called with a line for each step.
  package init(
    _ files: TableFiles, seconds: Double, peers: Peers?, observe: @escaping (String) -> Void
  ) {
    self.files = files
    self.seconds = seconds
    self.peers = peers
    self.observe = observe
  }

  /// The rows of some cases, forward and backward of each.
  ///
  /// - Throws: `InputError` if a case or its peers cannot be run; what the compiler throws.
  package mutating func rows(of cases: [TableCase]) throws -> [TableRow] {
    var rows: [TableRow] = []
    for (index, row) in cases.enumerated() {
      let place = "[\(index + 1)/\(cases.count)] \(row.title)"
      observe("\(place) ...")
      rows += try self.rows(of: row, place)
    }
    return rows
  }

  private mutating func rows(of row: TableCase, _ place: String) throws -> [TableRow] {
    let norm = try files.norm(of: row)
    let variants = try variants(of: row, norm)
    let prepared = try PreparedCase(norm, variants.map(\.engine), &store)
    return try norm.directions.map { direction in
      let bytes = try prepared.byteCount(direction)
      let subjects = try prepared.subjects(direction) + [Subject.copy(moving: bytes)]
      let (timings, others) = try measure(subjects, row, direction)
      let results = zip(variants, timings).map { variant, timing in
        TableRow.Result(
          engine: variant.engine.name, variant: variant.name, threads: variant.engine.threads,
          timing: timing, isPeer: false)
      }
      let measured = TableRow(
        title: row.title, direction: direction, bytes: bytes, copy: timings[timings.count - 1],
        results: results + others)
      observe("\(place) \(direction.rawValue): \(text(measured))")
      return measured
    }
  }

  /// An engine, and in what it differs from its standard form.
  private struct Variant {
    var engine: BenchmarkEngine
    var name = ""
  }

  private func variants(of row: TableCase, _ norm: NormCase) throws -> [Variant] {
    var variants = [Variant(engine: .cc), Variant(engine: .jit)]
    if let plain = try files.plain(norm) { variants.append(Variant(engine: plain)) }
    for engine in [BenchmarkEngine.cc, .jit] {
      if let fixed = row.fixed {
        var engine = engine
        engine.fixed = Set(fixed)
        variants.append(Variant(engine: engine, name: fixed.joined(separator: ", ") + " fixed"))
      }
      if let threads = row.threads {
        var engine = engine
        engine.threads = threads
        variants.append(Variant(engine: engine, name: "\(threads) threads"))
      }
    }
    return variants
  }

  /// Measures ours and the peers in turn.
  private func measure(
    _ subjects: [Subject], _ row: TableCase, _ direction: Direction
  ) throws -> ([Timing], [TableRow.Result]) {
    guard let peers, row.peer != nil else {
      return (try Rounds(seconds: seconds).measure(subjects), [])
    }
    let turns = 3
    var timings = subjects.map { _ in Timing() }
    var others: [TableRow.Result] = []
    for _ in 0..<turns {
      let part = try Rounds(seconds: seconds / Double(turns)).measure(subjects)
      for index in part.indices { timings[index].append(part[index].samples) }
      for (name, samples) in try peers.measure(row, direction, seconds: seconds / Double(turns)) {
        if let known = others.firstIndex(where: { $0.engine == name }) {
          others[known].timing.append(samples)
        } else {
          others.append(
            TableRow.Result(
              engine: name, variant: "", threads: 1, timing: Timing(samples), isPeer: true))
        }
      }
    }
    return (timings, others)
  }

  private func text(_ row: TableRow) -> String {
    row.results.map { result in
      let name = result.variant.isEmpty ? result.engine : "\(result.engine) (\(result.variant))"
      return "\(name) \(duration(result.timing.median))"
    }.joined(separator: ", ")
  }
}
