import Basics
import Foundation
import Testing

@testable import Syntax

/// Each spec in `Invalid` gives the diagnostics that stand in the `.expected` file beside it.
@Suite struct InvalidSpecTests {
  static let names = TestFiles.names(in: "Invalid", ending: ".norm")

  @Test func thereIsAtLeastOneSpecPerRule() {
    #expect(Self.names.count > 80)
  }

  @Test(arguments: names)
  func anInvalidSpecGivesItsDiagnostics(name: String) throws {
    let source = SourceFile(name: name, bytes: try TestFiles.bytes("Invalid/\(name)"))
    var diagnostics = DiagnosticSet()
    let norms = check(source, into: &diagnostics)
    #expect(!diagnostics.isEmpty)
    #expect(norms.isEmpty == diagnostics.hasErrors)
    let expectation = name.replacing(".norm", with: ".expected")
    TestFiles.compare(diagnostics.description, with: "Invalid/\(expectation)")
  }

  @Test(arguments: names)
  func diagnosticsStandInTheOrderOfTheText(name: String) throws {
    let source = SourceFile(name: name, bytes: try TestFiles.bytes("Invalid/\(name)"))
    var diagnostics = DiagnosticSet()
    _ = check(source, into: &diagnostics)
    let places = diagnostics.entries.map(\.diagnostic.span.lower)
    #expect(places == places.sorted())
  }

  @Test func noExpectationIsLeftWithoutItsSpec() {
    let specs = Set(Self.names.map { $0.replacing(".norm", with: ".expected") })
    let expectations = TestFiles.names(in: "Invalid", ending: ".expected")
    #expect(expectations.filter { !specs.contains($0) } == [])
  }
}
