/// Compiles a function of a library to a function of machine code.
///
/// The function has C's calling convention. That of a region,
/// `void NAME(name)(const call *call, size_t first, size_t last)`, depends on nothing outside of
/// itself.
///
/// - Parameters:
///   - name: that of a function of up to six integers and pointers, without `NAME`.
///   - library: holds it, and what it calls and mentions.
///   - linkage: what it calls by address.
/// - Throws: where the function holds what is not compiled; it then stays C.
package func machineCode(
  of name: String, in library: Library, for target: Target, linkage: Linkage = Linkage()
) throws(Unsupported) -> [UInt8] {
  guard let function = library.symbol(known: name).flatMap({ library.function($0) }) else {
    throw Unsupported("the function \(name)")
  }
  var lowering = Lowering(target, library, linkage)
  var program = try lowering.program(of: function)
  program.removeDeadCode()
  if target.instructionSet == .avx512 { program.maskArithmetic() }
  program.foldMemory()
  let allocated = program.allocated(target.instructionSet)
  if allocated.frameBytes > 1 << 20 { throw Unsupported("too much memory for local arrays") }
  return Selection.code(allocated, target.instructionSet)
}
