import Foundation
import JIT
import MachineCode
import Synchronization
import Testing
import ThreadPool

/// Functions that are made when they are first called, by way of stubs.
@Suite struct DeferredFunctionTests {
  private typealias Function = @convention(c) (UnsafeMutablePointer<Int>, Int, Int) -> Void

  /// A table whose functions write `index * 1000 + a * b` of their arguments.
  private func table(
    count: Int, likely: @escaping @Sendable (Int) -> [Int] = { _ in [] },
    make: @escaping @Sendable (Int) throws(JITError) -> Void
  ) throws -> DeferredFunctions {
    try DeferredFunctions(count: count) { resolver, context in
      let stubs = DeferringStubs(count: count, resolver: resolver, context: context)
      return DeferredFunctions.Stubs(
        code: stubs.code, starts: stubs.starts, nothing: stubs.nothing)
    } likely: {
      likely($0)
    } make: { (index) throws(JITError) in
      try make(index)
      var assembler = Assembler()
      assembler.multiply(.bits64, .rsi, .register(.rdx))
      assembler.general(.add, .bits64, .rsi, .immediate(Int32(index * 1000)))
      assembler.store(.quadWord, Address(.rdi), .rsi)
      assembler.return()
      return .code(assembler.finish())
    }
  }

  /// What a function of the table writes; `before` if it writes nothing.
  private func call(
    _ index: Int, of table: DeferredFunctions, _ a: Int, _ b: Int, before: Int = -1
  ) throws -> Int {
    let entries = try #require(UnsafePointer<UInt>(bitPattern: table.table))
    let function = unsafeBitCast(entries[index], to: Function.self)
    var result = before
    function(&result, a, b)
    return result
  }

  @Test func eachIsMadeWhenItIsFirstCalled() throws {
    let made = Mutex<[Int]>([])
    let table = try table(count: 300) { index in made.withLock { $0.append(index) } }
    #expect(made.withLock { $0 }.isEmpty)
    for index in [299, 0, 7, 299, 0] {
      #expect(try call(index, of: table, 6, -7) == index * 1000 - 42)
    }
    #expect(made.withLock { $0 } == [299, 0, 7])
    #expect(table.failure == nil)
  }

  @Test func oneThatCannotBeMadeDoesNothingAndTheReasonIsKept() throws {
    let tries = Atomic(0)
    let table = try table(count: 2) { (index) throws(JITError) in
      guard index == 1 else { return }
      tries.add(1, ordering: .relaxed)
      throw .system("no memory")
    }
    #expect(try call(0, of: table, 2, 3) == 6)
    #expect(table.failure == nil)
    for _ in 0..<2 { #expect(try call(1, of: table, 2, 3, before: 5) == 5) }
    #expect(table.failure == .system("no memory"))
    #expect(tries.load(ordering: .relaxed) == 1)
    #expect(try call(0, of: table, 4, 5) == 20)
  }

  @Test func threadsThatCallAtOnceGetOneFunction() throws {
    let tries = Atomic(0)
    let table = try table(count: 4) { _ in tries.add(1, ordering: .relaxed) }
    let results = Mutex<[Int]>([])
    DispatchQueue.concurrentPerform(iterations: 64) { place in
      let result = (try? call(place % 4, of: table, place, 10)) ?? -1
      results.withLock { $0.append(result) }
    }
    #expect(results.withLock { $0.sorted() } == (0..<64).map { $0 % 4 * 1000 + $0 * 10 }.sorted())
    #expect(tries.load(ordering: .relaxed) == 4)
  }

  @Test func aHelperMakesWhatIsLikelyToBeCalledNext() throws {
    for _ in 0..<1000 {
      let made = Mutex<[Int]>([])
      let table = try table(count: 8) {
        $0 == 3 ? [6, 5] : []
      } make: { index in
        made.withLock { $0.append(index) }
      }
      #expect(try call(3, of: table, 2, 3) == 3006)
      for _ in 0..<100 where made.withLock({ $0.count }) < 3 { usleep(100) }
      // Helpers of other tests may have the processors.
      if made.withLock({ $0.count }) < 3 { continue }
      #expect(made.withLock { $0.sorted() } == [3, 5, 6])
      for index in [5, 6] { #expect(try call(index, of: table, 2, 3) == index * 1000 + 6) }
      #expect(made.withLock { $0.count } == 3)
      return
    }
    #expect(thread_pool_processors() == 1, "no helper has come")
  }

  @Test func whatCannotBeMadeAheadFailsOnlyWhenItIsCalled() throws {
    let tries = Atomic(0)
    let table = try table(count: 2) {
      $0 == 0 ? [1] : []
    } make: { (index) throws(JITError) in
      guard index == 1 else { return }
      tries.add(1, ordering: .relaxed)
      throw .system("no memory")
    }
    #expect(try call(0, of: table, 2, 3) == 6)
    for _ in 0..<20 where tries.load(ordering: .relaxed) == 0 { usleep(1000) }
    #expect(table.failure == nil)
    #expect(try call(1, of: table, 2, 3, before: 5) == 5)
    #expect(table.failure == .system("no memory"))
  }

  @Test func threadsAndHelpersMakeEachFunctionOnce() throws {
    for round in 0..<20 {
      let made = Mutex<[Int]>([])
      let table = try table(count: 6) { _ in
        Array(0..<6)
      } make: { index in
        made.withLock { $0.append(index) }
      }
      let sums = Mutex(0)
      DispatchQueue.concurrentPerform(iterations: 24) { place in
        let result = (try? call((place + round) % 6, of: table, place, 10)) ?? -1
        sums.withLock { $0 += result - place * 10 }
      }
      #expect(sums.withLock { $0 } == 4 * 15 * 1000, "round \(round)")
      #expect(made.withLock { $0.sorted() } == Array(0..<6), "round \(round)")
    }
  }
}
