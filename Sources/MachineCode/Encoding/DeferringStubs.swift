/// Code of functions that ask a resolver for the function to run in their place, each time that
/// they are called.
///
/// They take up to three integers or pointers and return nothing.
package struct DeferringStubs: Sendable {
  package let code: [UInt8]
  /// Where each function begins in the code.
  package let starts: [Int]
  /// Where a function begins that does nothing.
  package let nothing: Int

  /// - Parameters:
  ///   - resolver: the address of `void *resolver(void *context, size_t index)`; what it returns is
  ///     called with the arguments of the function of that index.
  ///   - context: what the resolver is given.
  package init(count: Int, resolver: UInt64, context: UInt64) {
    let arguments: [GeneralRegister] = [.rdi, .rsi, .rdx]
    var assembler = Assembler()
    let ask = assembler.label()
    var starts: [Int] = []
    for index in 0..<count {
      starts.append(assembler.byteCount)
      assembler.move(.rax, bits: UInt64(index))
      assembler.jump(ask)
    }
    assembler.place(ask)
    // Three pushes align the stack for the call.
    for register in arguments { assembler.push(register) }
    assembler.move(.bits64, .rsi, .rax)
    assembler.move(.rdi, bits: context)
    assembler.move(.rax, bits: resolver)
    assembler.call(.register(.rax))
    for register in arguments.reversed() { assembler.pop(register) }
    assembler.jump(.register(.rax))
    nothing = assembler.byteCount
    assembler.return()
    code = assembler.finish()
    self.starts = starts
  }
}
