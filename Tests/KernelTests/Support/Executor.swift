import Dispatch
import NormGen

/// What a caller's thread pool is to a kernel: `normgen_executor` of the generated headers.
struct CExecutor {
  var parallelFor:
    @convention(c) (
      UnsafeMutableRawPointer?, Int, @convention(c) (UnsafeMutableRawPointer?, Int) -> Void,
      UnsafeMutableRawPointer?
    ) -> Void
  var context: UnsafeMutableRawPointer?

  /// Runs the pieces from the last to the first. `counts` becomes how often it was asked to, and
  /// the largest number of pieces.
  static func reversed(_ counts: UnsafeMutablePointer<Int>) -> CExecutor {
    CExecutor(
      parallelFor: { context, pieces, piece, task in
        if let counts = context?.assumingMemoryBound(to: Int.self) {
          counts[0] += 1
          counts[1] = max(counts[1], pieces)
        }
        for index in (0..<pieces).reversed() { piece(task, index) }
      }, context: UnsafeMutableRawPointer(counts))
  }

  /// Runs the pieces on all threads that there are.
  static var concurrent: CExecutor {
    CExecutor(
      parallelFor: { _, pieces, piece, task in
        nonisolated(unsafe) let task = task
        DispatchQueue.concurrentPerform(iterations: pieces) { piece(task, $0) }
      }, context: nil)
  }
}
