import CCode
import LoopIR

/// What a step fetches ahead of others.
extension StepCode {
  /// Fetches what another place reads or writes, a step of it in each step: before its vectors,
  /// among which a branch would keep compilers from moving operations.
  ///
  /// - Parameter arguments: those that the actions read.
  mutating func prefetches(_ streaming: Streaming, of arguments: Set<Int>) -> [CStatement] {
    let read = arguments.sorted().compactMap { place -> FetchedArray? in
      guard case .load(let id) = body.arguments[place] else { return nil }
      let buffer = kernel.buffers[id.index]
      let type = CType.pointer(toConst: buffer.element.cType(kernel.type))
      return buffer.role == .input ? FetchedArray(buffer, buffer.name, type) : nil
    }
    let written = actions.compactMap { action -> FetchedArray? in
      guard case .store(_, let id, let mayBeNull) = action else { return nil }
      let buffer = kernel.buffers[id.index]
      let type = CType.pointer(to: buffer.element.cType(kernel.type))
      return buffer.role == .output
        ? FetchedArray(buffer, parameterName(buffer), type, mayBeNull: mayBeNull) : nil
    }
    return (streaming.prefetch.map { fetch(read, $0, "v_prefetch") } ?? [])
      + (streaming.prefetchOfResults.map { fetch(written, $0, "v_prefetch_write") } ?? [])
  }

  /// Fetches of those arrays that lie along the run, and as far apart as the first of these.
  private mutating func fetch(
    _ arrays: [FetchedArray], _ prefetch: Streaming.Prefetch, _ function: String
  ) -> [CStatement] {
    var stride: [Int]?
    var fetches: [CStatement] = []
    let ahead = CExpression.name(prefetch.parameter)
    for array in arrays {
      guard let own = array.buffer.axes(behind: [prefetch.axis]),
        array.buffer.access(along: run) == .contiguous, own == stride ?? own
      else { continue }
      stride = own
      let row = row(of: array.buffer, array.name, array.type, mayBeNull: array.mayBeNull)
      let fetch = CStatement.expression(.call(function, .add(.add(row, .name("i")), ahead)))
      fetches.append(array.mayBeNull ? .branch(row, [fetch]) : fetch)
    }
    guard let stride else { return [] }
    let own = index.size(stride)
    let elements = prefetch.distance == .size(1) ? own : .multiply(prefetch.distance, own)
    let distance = prefetch.isWanted.map { CExpression.conditional($0, elements, .size(0)) }
    add(CParameter(.size, prefetch.parameter), distance ?? .size(0))
    return [.branch(ahead, [eachVector(fetches)])]
  }
}

/// An array of which something may be fetched.
private struct FetchedArray {
  var buffer: Buffer
  /// The parameter of the step.
  var name: String
  var type: CType
  var mayBeNull: Bool

  init(_ buffer: Buffer, _ name: String, _ type: CType, mayBeNull: Bool = false) {
    (self.buffer, self.name, self.type, self.mayBeNull) = (buffer, name, type, mayBeNull)
  }
}
