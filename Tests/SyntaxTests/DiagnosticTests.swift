import Basics
import Foundation
import Testing

@Suite struct DiagnosticTests {
  private let source = SourceFile(name: "a.norm", text: "first\n\tsecond é word\r\nlast")

  @Test func positionsCountScalarsFromOne() {
    #expect(source.position(at: 0) == (1, 1))
    #expect(source.position(at: 6) == (2, 1))
    // é has two bytes.
    #expect(source.position(at: 17) == (2, 11))
    #expect(source.position(at: 100) == (3, 5))
    #expect(source.text(of: source.span(ofLine: 2)) == "\tsecond é word")
  }

  @Test func caretsStandUnderTheWords() {
    let diagnostic = Diagnostic(
      .error, "no 'word'", at: SourceSpan(17, 21),
      notes: [.init("try this"), .init("seen here", at: SourceSpan(0, 5))])
    #expect(
      rendered(diagnostic, in: source) == """
        a.norm:2:11: error: no 'word'
          \tsecond é word
          \t         ^~~~
        a.norm:2:11: note: try this
        a.norm:1:1: note: seen here
          first
          ^~~~~

        """)
  }

  @Test func reportsAreEncodedForPrograms() throws {
    var log = DiagnosticLog()
    log.report(.warning("second", at: SourceSpan(7, 13)))
    log.report(.error("first", at: SourceSpan(0, 5), fix: "write 'last'"))
    log.report(.error("first", at: SourceSpan(0, 5), fix: "write 'last'"))
    var set = DiagnosticSet()
    set.insert(log, of: source)
    let data = try JSONEncoder().encode(set.reports)
    let reports = try JSONDecoder().decode([DiagnosticReport].self, from: data)
    #expect(reports == set.reports)
    #expect(reports.map(\.message) == ["first", "second"])
    #expect(reports.map(\.severity) == [.error, .warning])
    #expect(reports[0].notes.map(\.message) == ["write 'last'"])
    #expect(
      reports[1].range
        == DiagnosticReport.Range(line: 2, column: 2, endLine: 2, endColumn: 8))
  }

  @Test(arguments: [
    ("weigth", "weight"), ("maen", "mean"), ("c", "C"), ("EPS", "eps"), ("varr", "var"),
  ])
  func aNearWordIsProposed(word: String, meant: String) {
    #expect(nearest(to: word, among: ["bias", "weight", "mean", "C", "eps", "var"]) == meant)
  }

  @Test(arguments: ["q", "other", "xy", "weight"])
  func aFarWordIsNotProposed(word: String) {
    #expect(nearest(to: word, among: ["weight", "mean", "C"]) == nil)
  }

  @Test(arguments: [("", "", 0), ("ab", "ba", 1), ("kitten", "sitting", 3), ("abc", "", 3)])
  func editDistancesAreThoseOfTheBook(a: String, b: String, distance: Int) {
    #expect(editDistance(Array(a.utf8), Array(b.utf8)) == distance)
    #expect(editDistance(Array(b.utf8), Array(a.utf8)) == distance)
  }
}
