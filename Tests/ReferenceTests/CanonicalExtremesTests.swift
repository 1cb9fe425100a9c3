import Reference
import Testing

@Suite struct CanonicalExtremesTests {
  @Test func ofNothingAreTheInfinities() {
    let order = CanonicalOrder<Float>(segments: 2, run: 3)
    #expect(order.maximum { _, _ in nil } == -.infinity)
    #expect(order.minimum { _, _ in nil } == .infinity)
  }

  @Test func findTheExtremesAmongTheElementsThatCount() {
    let row: [Double?] = [3, nil, -7, 5, nil, 2]
    let order = CanonicalOrder<Double>(segments: 2, run: 3)
    #expect(order.maximum { row[$0 * 3 + $1] } == 5)
    #expect(order.minimum { row[$0 * 3 + $1] } == -7)
  }

  @Test(arguments: 0..<4) func aNaNAnywhereWins(place: Int) {
    let order = CanonicalOrder<Float>(segments: 1, run: 4)
    let row = (0..<4).map { $0 == place ? Float.nan : $0 % 2 == 0 ? .infinity : -.infinity }
    #expect(order.maximum { row[$0 + $1] }.isNaN)
    #expect(order.minimum { row[$0 + $1] }.isNaN)
  }

  @Test func zerosArePositive() {
    for row in [[-0.0, -0.0], [-0.0, 0.0], [0.0, -0.0]] {
      let order = CanonicalOrder<Double>(segments: 1, run: 2)
      #expect(order.maximum { row[$0 + $1] }.bitPattern == 0)
      #expect(order.minimum { row[$0 + $1] }.bitPattern == 0)
    }
  }

  @Test func ofTwoEqualsTheSecondIsChosen() {
    #expect(larger(0.0, -0.0).sign == .minus)
    #expect(larger(-0.0, 0.0).sign == .plus)
    #expect(smaller(0.0, -0.0).sign == .minus)
    #expect(larger(Float.nan, 1).isNaN && larger(1, Float.nan).isNaN)
    #expect(smaller(Float.nan, 1).isNaN && smaller(1, Float.nan).isNaN)
    #expect(larger(2.0, 1.0) == 2 && smaller(2.0, 1.0) == 1)
  }
}
