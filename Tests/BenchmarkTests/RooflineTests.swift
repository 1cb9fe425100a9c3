import Diagrams
import Foundation
import FoundationXML
import LoopIR
import Testing

@testable import Benchmark

/// The diagram of `make bench`.
@Suite struct RooflineTests {
  @Test func ticksAreRoundNumbersOnTheAxis() {
    let axis = LogarithmicAxis([3, 700], from: 100, to: 0)
    #expect(axis.ticks == [5, 10, 20, 50, 100, 200, 500])
    #expect(abs(axis.place(axis.range.lowerBound) - 100) < 1e-9)
    #expect(abs(axis.place(axis.range.upperBound)) < 1e-9)
    #expect(abs(axis.place((3 * 700.0).squareRoot()) - 50) < 1e-9)
  }

  @Test func labelsAreMovedApartInTheirOrder() {
    #expect(apart([10, 50, 90], by: 12) == [10, 50, 90])
    let moved = apart([50, 50, 10], by: 12)
    #expect(abs(moved[1] - moved[0] - 12) < 0.02 && moved[2] == 10)
    #expect(abs(moved[0] + moved[1] - 100) < 0.02)
  }

  @Test func theDiagramIsXMLWithAPointForEachMeasurement() throws {
    let rows = [Direction.forward, .backward].map { direction in
      TableRow(
        title: "A & <B>", direction: direction, bytes: 40_000, copy: Timing([1000]),
        results: ["cc", "jit"].map { engine in
          TableRow.Result(
            engine: engine, variant: "", threads: 1, timing: Timing([2000]), isPeer: false)
        })
    }
    let bandwidths = try Bandwidths(seconds: 0.0001, largest: 1 << 20)
    #expect(bandwidths.levels.map(\.name) == ["L1", "L2", "L3", "memory"])
    #expect(bandwidths.levels.allSatisfy { $0.bandwidth > 0 })
    let counter = ElementCounter()
    let parser = XMLParser(data: Data(Roofline(rows, bandwidths).svg.utf8))
    parser.delegate = counter
    #expect(parser.parse())
    // One for each measurement, and one for each engine in the legend.
    #expect(counter.counts["circle"] == 6)
    #expect(counter.counts["polyline"] == 2)
  }
}

/// Counts the elements of an XML text.
private final class ElementCounter: NSObject, XMLParserDelegate {
  var counts: [String: Int] = [:]

  func parser(
    _ parser: XMLParser, didStartElement name: String, namespaceURI: String?,
    qualifiedName: String?, attributes: [String: String]
  ) {
    counts[name, default: 0] += 1
  }
}
