import LoopIR
import TensorIR

/// Stops the program if the graph that `pass` made is not well formed; in optimized builds it is
/// taken as it is.
package func verify(_ graph: Graph, after pass: String) {
  assert(graph.problems().isEmpty, message(pass, graph.problems(), graph.show()))
}

/// Stops the program if the kernel that `pass` made is not well formed; in optimized builds it is
/// taken as it is.
package func verify(_ kernel: LoopKernel, after pass: String) {
  assert(kernel.problems().isEmpty, message(pass, kernel.problems(), kernel.show()))
}

/// What the author of the pass needs to see.
private func message(_ pass: String, _ problems: [String], _ text: String) -> String {
  "internal error in \(pass): \(problems.joined(separator: "; "))\n\(text)"
}
