import Testing

@testable import Syntax

@Suite struct CheckedNormTests {
  @Test func aValueHasTheAtomsOfItsDimensions() {
    let group = Dimension(name: "C", axes: [AxisID(1), AxisID(2)])
    let value = Value(
      name: "x", kind: .tensor, dimensions: [Dimension(name: "N", axes: [AxisID(0)]), group])
    #expect(value.axes == [AxisID(0), AxisID(1), AxisID(2)])
  }
}
