import Foundation
import Glibc
import JIT
import TestSupport
import Testing

@Suite struct LeakTests {
  private static let marker = "normgen: nothing was kept"

  /// Runs `childKeepsNoMemory` in a process of its own, where no other test takes memory.
  @Test(.disabled(if: isAlone)) func compilingManyTimesKeepsNoMemory() throws {
    let command = try commandOfTest("childKeepsNoMemory")
    let result = try run(
      command[0], Array(command.dropFirst()), environment: [aloneVariable: "1"])
    #expect(result.status == 0 && result.output.contains(Self.marker), "\(result.output)")
  }

  @Test(.enabled(if: isAlone)) func childKeepsNoMemory() throws {
    for round in 0..<200 { #expect(complaint(thread: 0, round: round) == nil) }
    let before = try residentBytes()
    for round in 0..<1500 { #expect(complaint(thread: 0, round: round) == nil) }
    // A leak of one of TinyCC's states would be 5 KB a round, of one image 4 KB.
    let growth = try residentBytes() - before
    #expect(growth < 3 << 20)
    if growth < 3 << 20 { print(Self.marker) }
  }
}

/// `true` iff this process runs one test alone.
private let isAlone = ProcessInfo.processInfo.environment[aloneVariable] != nil
private let aloneVariable = "NORMGEN_TEST_LEAKS"

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
