import CCode
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
  let cuts = interface.ranked.flatMap(\.cuts)
  let functions =
    interface.allFunctions.map(packed)
    + ([interface.workspaceSymbol] + cuts.map(\.byteCountSymbol)).map {
      packedByteCount($0, interface)
    }
    + cuts.map { packedMerge($0.mergeSymbol) }
  return CFile(functions.flatMap { [.prototype($0), .function($0)] }).plainText
}

/// The name of the adapter of a C function.
func packedSymbol(_ symbol: String) -> String { symbol + "_packed" }

/// The adapter of a function of a norm.
func packed(_ function: KernelFunction) -> CFunction {
  let arguments = function.arguments.enumerated().map { passed($1, at: $0) }
  return adapter(of: function.symbol, .int, .cast(.int, .call(function.symbol, arguments)))
}

/// The adapter of a function from sizes to a number of bytes.
func packedByteCount(_ symbol: String, _ interface: KernelInterface) -> CFunction {
  let sizes = interface.sizes.indices.map { value(at: $0, .size) }
  var function = adapter(of: symbol, .size, .call(symbol, sizes))
  if sizes.isEmpty { function.body.insert(.expression(.cast(.void, .name("a"))), at: 0) }
  return function
}

/// The adapter of a function that merges partial results.
private func packedMerge(_ symbol: String) -> CFunction {
  let arguments = [value(at: 0, .size), pointer(at: 1), pointer(at: 2)]
  return adapter(of: symbol, .int, .cast(.int, .call(symbol, arguments)))
}

private func adapter(
  of symbol: String, _ result: CType, _ value: CExpression
) -> CFunction {
  CFunction(
    result: result, name: packedSymbol(symbol),
    parameters: [CParameter(.pointer(to: .const(.pointer(to: .void))), "a")],
    body: [.return(value)])
}

/// An argument as an expression: pointers convert by themselves, values are read.
private func passed(_ argument: KernelArgument, at index: Int) -> CExpression {
  guard argument.shape == nil else { return pointer(at: index) }
  return switch argument.type {
  case .size: value(at: index, .size)
  case .double: value(at: index, .double)
  case .int64: value(at: index, .named("int64_t"))
  case .bool: value(at: index, .bool)
  case .real, .bfloat16, .float16, .mask, .bytes, .executor: pointer(at: index)
  }
}

private func pointer(at index: Int) -> CExpression {
  .index(.name("a"), .integer(Int64(index)))
}

private func value(at index: Int, _ type: CType) -> CExpression {
  .dereference(.cast(.pointer(toConst: type), pointer(at: index)))
}
