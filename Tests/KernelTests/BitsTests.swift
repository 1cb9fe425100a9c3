import NormGen
import Testing

/// Every way from a norm to code gives the bits of the graph, evaluated value by value.
@Suite struct BitsTests {
  @Test(arguments: TestNorm.names, Options.Scalar.wide)
  func allEnginesGiveTheBitsOfTheGraph(_ name: String, _ type: Options.Scalar) throws {
    let norm = try TestNorm.ofSpec(name)
    for phase in norm.phases {
      for (index, sizes) in (norm.awkwardSizes + norm.vastSizes).enumerated() {
        let data = TestData.allCases[index % TestData.allCases.count]
        let call = try TestCall(norm, type, phase, sizes: sizes, data: data, seed: UInt64(index))
        let expected = try call.reference()
        for engine in TestedEngine.tested(type) {
          let found = try call.outcome(of: SpecKernels.shared[name, type, engine])
          expectSameBits(found, expected, "\(engine.rawValue), \(call)")
        }
      }
    }
  }
}
