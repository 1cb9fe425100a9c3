import LoopIR

/// How the elements of an array lie in memory.
package struct ArrayLayout: Equatable, Sendable {
  package var storage: KernelStorage
  /// The number of elements.
  package var count: Int

  package var byteCount: Int { count * storage.byteCount }
}

extension Kernel {
  /// The array that an argument of one of the functions stands for; `nil` for what is passed by
  /// value. The workspace is as large as any function needs it.
  ///
  /// - Throws: a `KernelError` where a size is missing or too large.
  package func layout(
    of argument: KernelArgument, sizes: [String: Int]
  ) throws(KernelError) -> ArrayLayout? {
    if argument.role == .workspace {
      return ArrayLayout(storage: .bytes, count: try workspaceByteCount(sizes: sizes))
    }
    guard let shape = argument.shape, let storage = argument.storage(in: interface) else {
      return nil
    }
    let table = SizeTable(unchecked: sizes, in: interface)
    let count = try table.length(shape, of: argument.name)
    guard !count.multipliedReportingOverflow(by: storage.byteCount).overflow else {
      throw .tooLarge(argument: argument.name)
    }
    return ArrayLayout(storage: storage, count: count)
  }
}
