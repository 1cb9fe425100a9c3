import Foundation
import Generated
import NormGen
import Testing

/// The committed C, compiled by the package's own C compiler and called as other projects do.
@Suite struct GeneratedTests {
  private static let specs = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appending(path: "specs")

  private let rows = 5
  private let channels = 37

  /// Numbers in -2 ..< 2 without a pattern.
  private func numbers(_ count: Int, seed: UInt64) -> [Float] {
    var state = seed
    return (0..<count).map { _ in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Float(state >> 40) / Float(1 << 22) - 2
    }
  }

  @Test func layerNormGivesTheBitsOfItsKernel() throws {
    let x = numbers(rows * channels, seed: 1)
    let dy = numbers(rows * channels, seed: 2)
    let (weight, bias) = (numbers(channels, seed: 3), numbers(channels, seed: 4))
    var y = [Float](repeating: 0, count: x.count)
    var mean = [Float](repeating: 0, count: rows)
    var rstd = mean
    var dx = y
    var dWeight = [Float](repeating: 0, count: channels)
    var dBias = dWeight
    var workspace = [UInt8](repeating: 0, count: layer_norm_workspace(rows, channels))
    #expect(
      layer_norm_forward(
        rows, channels, x, weight, bias, 1e-5, &y, &mean, &rstd, &workspace, nil)
        == LAYER_NORM_OK)
    #expect(
      layer_norm_backward(
        rows, channels, dy, x, weight, mean, rstd, &dx, &dWeight, &dBias, &workspace, nil)
        == LAYER_NORM_OK)

    let norm = try Norm.load(Self.specs.appending(path: "layer_norm.norm").path)[0]
    var layer = try NormLayer(norm.compile(), sizes: ["C": channels])
    try layer.set("weight", to: .float32(weight))
    try layer.set("bias", to: .float32(bias))
    let pass = try layer.forward(["x": .float32(x)])
    let gradients = try layer.backward(pass, ["y": .float32(dy)])
    #expect(pass["y"] == .float32(y))
    #expect(gradients["x"] == .float32(dx))
    #expect(gradients["weight"] == .float32(dWeight))
    #expect(gradients["bias"] == .float32(dBias))
  }

  @Test func aCallThatFailsSaysWhyAndWritesNothing() {
    let x = numbers(channels, seed: 5)
    var y = [Float](repeating: 7, count: channels)
    let missing = softmax_forward(1, channels, nil, &y, nil, nil)
    #expect(missing == SOFTMAX_NULL_POINTER)
    #expect(String(cString: softmax_status_text(missing)).contains("NULL"))
    let tooLarge = softmax_forward(.max / 2, 4, x, &y, nil, nil)
    #expect(tooLarge == SOFTMAX_BAD_SIZE)
    #expect(UInt(bitPattern: softmax_workspace(.max / 2, 4)) == .max)
    var scaled = y
    let indivisible = group_norm_forward(
      1, channels, 1, 2, x, x, x, 1e-5, &scaled, nil, nil, nil, nil)
    #expect(indivisible == GROUP_NORM_NOT_DIVISIBLE)
    #expect(y == [Float](repeating: 7, count: channels) && scaled == y)
  }
}
