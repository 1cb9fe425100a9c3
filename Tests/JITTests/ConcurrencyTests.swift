import Glibc
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

  @Test func compilingManyTimesKeepsNoMemory() throws {
    for round in 0..<200 { #expect(complaint(thread: 0, round: round) == nil) }
    let before = try residentBytes()
    for round in 0..<1500 { #expect(complaint(thread: 0, round: round) == nil) }
    // A leak of one state would be 5 KB a round, of one image 4 KB.
    #expect(try residentBytes() - before < 3 << 20)
  }
}

/// What is wrong with one compilation and call; `nil` if nothing is.
private func complaint(thread: Int, round: Int) -> String? {
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

/// The memory of the process that is in use now.
private func residentBytes() throws -> Int {
  let file = try #require(fopen("/proc/self/statm", "r"))
  defer { fclose(file) }
  var text = [CChar](repeating: 0, count: 200)
  let length = fread(&text, 1, text.count, file)
  let fields = String(decoding: text.prefix(length).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    .split(separator: " ")
  let pages = try #require(fields.count > 1 ? Int(fields[1]) : nil)
  return pages * Int(sysconf(Int32(_SC_PAGESIZE)))
}
