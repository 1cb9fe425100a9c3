import LoopIR

/// What was measured of one case in one direction.
package struct TableRow: Sendable {
  package var title: String
  package var direction: Direction
  /// Inputs and outputs, each counted once.
  package var bytes: Int
  package var copy: Timing
  package var results: [Result]

  /// One way to compute it.
  package struct Result: Sendable {
    /// `plain`, `cc`, `jit`, or a peer.
    package var engine: String
    /// `C fixed`, `2 threads`; empty for what all rows have.
    package var variant: String
    package var threads: Int
    package var timing: Timing
    /// `true` iff it is no code of ours.
    package var isPeer: Bool
  }

  /// The time of an engine in the form that all rows have; `nil` if it was not measured.
  package func time(_ engine: String) -> Double? {
    results.first { $0.engine == engine && $0.variant.isEmpty }?.timing.median
  }

  /// The fastest peer.
  package var bestPeer: Result? {
    results.filter(\.isPeer).min { $0.timing.median < $1.timing.median }
  }

  /// The same as records.
  package var records: [BenchmarkRecord] {
    results.map { result in
      let variant = result.variant.isEmpty ? "" : ", \(result.variant)"
      return BenchmarkRecord(
        name: "\(title) \(direction.rawValue)\(variant)", engine: result.engine,
        threads: result.threads, result.timing, bytes: bytes, copy: copy)
    }
  }
}
