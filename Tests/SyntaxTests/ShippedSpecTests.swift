import Basics
import Testing

@testable import Syntax

@Suite struct ShippedSpecTests {
  @Test func tenSpecsAreShipped() {
    #expect(SpecFiles.names.count >= 10)
  }

  @Test(arguments: SpecFiles.names)
  func aShippedSpecHasNothingToComplainOf(name: String) throws {
    var diagnostics = DiagnosticSet()
    let norms = check(try SpecFiles.source(name), into: &diagnostics)
    #expect(diagnostics.description == "")
    #expect(norms.count == 1)
    #expect(norms.first.map { $0.name + ".norm" } == name)
    #expect(norms.first?.documentation.isEmpty == false)
  }
}
