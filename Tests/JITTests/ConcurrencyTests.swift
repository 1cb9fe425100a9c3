import JIT
import Synchronization
import Testing

@Suite struct ConcurrencyTests {
  /// Eight threads compile, run and free; a third of the texts has an error on purpose.
  @Test func severalThreadsCompileAtOnce() async {
    let failures = Mutex<[String]>([])
    await withTaskGroup(of: [String].self) { group in
      for thread in 0..<8 {
        group.addTask { (0..<60).compactMap { complaint(thread: thread, round: $0) } }
      }
      for await complaints in group { failures.withLock { $0 += complaints } }
    }
    #expect(failures.withLock { $0 } == [])
  }
}

/// What is wrong with one compilation and call; `nil` if nothing is.
func complaint(thread: Int, round: Int) -> String? {
  let sum = thread * 1000 + round
  let isBroken = round % 3 == 2
  let source = "int f(int x) { return x + \(sum)\(isBroken ? " +" : ""); }"
  do {
    let code = try compile(source, exports: ["f"])
    let value = try integerFunction("f", in: code)(1)
    return isBroken || value != sum + 1 ? "thread \(thread), round \(round): \(value)" : nil
  } catch let error as JITError {
    guard isBroken, case .compilation(let text) = error, text.contains("error") else {
      return "thread \(thread), round \(round): \(error)"
    }
    return nil
  } catch {
    return "thread \(thread), round \(round): \(error)"
  }
}
