import Basics
import LoopIR

/// C text that makes every function of a norm callable in one way, whatever its arguments are.
///
/// For each function `status layer_norm_forward(size_t N, const float *x, double eps, ...)` it has
///
///     int layer_norm_forward_packed(void *const *a);
///
/// where `a[k]` is the k-th argument, or points to it if it is passed by value; and likewise
/// `size_t layer_norm_workspace_packed(void *const *a)`, which takes the sizes alone, and for what
/// lies between steps. The text stands behind the declarations of these functions.
package func packedAdapter(for interface: KernelInterface) -> String {
  let functions = interface.allFunctions.map(adapter(for:))
  let cuts = interface.ranked.flatMap(\.cuts)
  let sizes = ([interface.workspaceSymbol] + cuts.map(\.byteCountSymbol)).map {
    adapter(forSizes: $0, interface)
  }
  return (functions + sizes + cuts.map { adapter(forMerge: $0.mergeSymbol) })
    .joined(separator: "\n")
}

/// The name of the adapter of a C function.
func packedSymbol(_ symbol: String) -> String { symbol + "_packed" }

private func adapter(for function: KernelFunction) -> String {
  let arguments = function.arguments.enumerated().map { passed($1, at: $0) }
  return """
    int \(packedSymbol(function.symbol))(void *const *a);
    int \(packedSymbol(function.symbol))(void *const *a) {
      return (int)\(function.symbol)(\(arguments.joined(separator: ", ")));
    }

    """
}

/// For a function from sizes to a number of bytes.
private func adapter(forSizes symbol: String, _ interface: KernelInterface) -> String {
  let sizes = interface.sizes.indices.map { "*(const size_t *)a[\($0)]" }
  return """
    size_t \(packedSymbol(symbol))(void *const *a);
    size_t \(packedSymbol(symbol))(void *const *a) {
      (void)a;
      return \(symbol)(\(sizes.joined(separator: ", ")));
    }

    """
}

/// For a function that merges partial results.
private func adapter(forMerge symbol: String) -> String {
  """
  int \(packedSymbol(symbol))(void *const *a);
  int \(packedSymbol(symbol))(void *const *a) {
    return (int)\(symbol)(*(const size_t *)a[0], a[1], a[2]);
  }

  """
}

/// An argument as an expression: pointers convert by themselves, values are read.
private func passed(_ argument: KernelArgument, at index: Int) -> String {
  guard argument.shape == nil else { return "a[\(index)]" }
  return switch argument.type {
  case .size: "*(const size_t *)a[\(index)]"
  case .double: "*(const double *)a[\(index)]"
  case .int64: "*(const int64_t *)a[\(index)]"
  case .bool: "*(const bool *)a[\(index)]"
  case .real, .bfloat16, .float16, .mask, .bytes, .executor: "a[\(index)]"
  }
}
