import NormGen
import Testing

/// The text of each stage of compilation is the one on record. The C has its record in
/// `generated/`.
@Suite struct GoldenTests {
  static let norms = ["batch_norm", "group_norm", "layer_norm", "power_norm", "softmax"]
  static let stages = Stage.allCases.filter { $0 != .c }

  @Test(arguments: norms, stages)
  func aStageIsTheOneOnRecord(norm: String, stage: Stage) throws {
    let text = try text(of: stage, Goldens.shipped(norm), Options())
    try Goldens.compare(text, with: "\(norm)/\(stage.rawValue).txt")
  }

  @Test(arguments: norms, Stage.allCases)
  func aStageIsTheSameEachTime(norm: String, stage: Stage) throws {
    let texts = try (0..<2).map { _ in try text(of: stage, Goldens.shipped(norm), Options()) }
    #expect(texts[0] == texts[1])
  }
}
