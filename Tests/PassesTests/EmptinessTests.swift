import NormGen
import Testing

/// A state keeps its value where its statistic took no element.
@Suite struct EmptinessTests {
  /// Whether `next s = value` leaves s, at each of four channels; `valid` holds in the last two.
  private func isKept(_ value: String) throws -> [Bool] {
    let norm = try Norm.parse(
      """
      norm kept(x[N, C]) -> y {
        scalar flag = false
        mask   valid[N, C]
        state  s[C] = 7, t[C] = 3
        y = (if flag then x else 2 * x) + s + t + (if valid then 1 else 0)
        next s = \(value)
      }
      """)[0]
    // The output reads all inputs, so that every spec takes the same arguments.
    let results = try norm.compile().run(
      .forward,
      arrays: [
        "x": .float32([1, 2, 3, 4, 5, 6, 7.5, 8]),
        "valid": .mask([false, false, true, true, false, false, false, false]),
        "s": .float32([7, 7, 7, 7]), "t": .float32([3, 3, 3, 3]),
      ], values: ["flag": false])
    return try #require(results["next_s"]).numbers.map { $0 == 7 }
  }

  @Test(arguments: ["mean", "var", "unbiased_var", "max", "min"])
  func aStatisticOfNothingIsEmpty(word: String) throws {
    #expect(try isKept("2 * \(word)[N](x where valid)") == [true, true, false, false])
  }

  @Test(arguments: ["sum[N](x where valid)", "count[N](valid) + 0 * t"])
  func aSumOfNothingIsNot(value: String) throws {
    #expect(try isKept(value) == [false, false, false, false])
  }

  @Test func aFurtherReductionEndsIt() throws {
    let value = "mean[N](x - mean[N](x where valid))"
    #expect(try isKept(value) == [false, false, false, false])
  }

  @Test func onlyTheBranchTakenCounts() throws {
    let mean = "mean[N](x where valid)"
    #expect(try isKept("if t > 0 then \(mean) else t") == [true, true, false, false])
    #expect(try isKept("if t < 0 then \(mean) else t") == [false, false, false, false])
  }

  /// In the graph both are `if flag then t else 0`.
  @Test func aMeanAlongAnAxisThatNothingHasMayBeEmpty() throws {
    #expect(try isKept("mean[N](t where flag)") == [true, true, true, true])
    #expect(try isKept("if flag then t else 0") == [false, false, false, false])
  }
}
