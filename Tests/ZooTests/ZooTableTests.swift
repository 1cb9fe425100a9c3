import Foundation
import Testing

/// The table of the zoo in `specs/README.md`.
@Suite struct ZooTableTests {
  @Test func countsFromOneToEightyFour() {
    #expect(ZooTable.rows.map(\.number) == Array(1...84))
    #expect(ZooTable.rows.allSatisfy { $0.norms.isEmpty != $0.reason.isEmpty })
  }

  @Test func namesEveryNormThatThereIs() {
    let named = Set(ZooTable.rows.flatMap(\.norms))
    #expect(named == Set(Zoo.shared.norms.map(\.name)))
  }

  @Test func standsInTheReadmeAsItIs() throws {
    let path = repository + "/specs/README.md"
    let readme = try String(contentsOfFile: path, encoding: .utf8)
    let parts = readme.components(separatedBy: "<!-- table of the zoo -->\n")
    try #require(parts.count == 3, "the README has no place for the table")
    let table = ZooTable.text(Zoo.shared.files) + "\n"
    if ProcessInfo.processInfo.environment["NORMGEN_RECORD"] == "1" {
      try [parts[0], table, parts[2]].joined(separator: "<!-- table of the zoo -->\n")
        .write(toFile: path, atomically: true, encoding: .utf8)
      return
    }
    #expect(parts[1] == table, "NORMGEN_RECORD=1 swift test --filter ZooTableTests records it")
  }
}
