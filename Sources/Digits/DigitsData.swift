import NumPyFormat

/// The handwritten digits in two parts, one to learn from and one to be tested with.
struct DigitsData {
  let training: Samples
  let test: Samples

  /// - Parameters:
  ///   - folder: holds `digits.npy`, the pixels, and `digits_target.npy`, what they show.
  ///   - random: chooses which images are for the test: a fifth.
  /// - Throws: `DigitsError` where these are no images with their digits.
  init(folder: String, using random: inout some RandomNumberGenerator) throws {
    let pixels = try NumPyArray(contentsOf: folder + "/digits.npy")
    let targets = try NumPyArray(contentsOf: folder + "/digits_target.npy")
    guard case .float32(let numbers) = pixels.elements, pixels.shape.count == 2,
      case .int64(let digits) = targets.elements, targets.shape == [pixels.shape[0]],
      digits.allSatisfy({ (0..<10).contains($0) })
    else { throw DigitsError("\(folder): holds no images with their digits") }
    // A pixel is a number from 0 to 16.
    let all = Samples(pixels: numbers.map { $0 / 16 }, digits: digits)
    let order = digits.indices.shuffled(using: &random)
    let cut = order.count * 4 / 5
    training = all[order[..<cut]]
    test = all[order[cut...]]
  }
}

/// Images with the digits that they show.
struct Samples {
  /// One image a row, from 0 to 1.
  let pixels: [Float]
  let digits: [Int64]

  /// The pixels of an image.
  static let width = 64

  /// The images in that order.
  subscript(order: some Collection<Int>) -> Samples {
    Samples(
      pixels: order.flatMap { pixels[$0 * Self.width..<($0 + 1) * Self.width] },
      digits: order.map { digits[$0] })
  }

  /// So many images at a time, in that order; those that fill no batch are left out.
  func batches(of size: Int, in order: [Int]) -> [Samples] {
    stride(from: 0, through: order.count - size, by: size).map { self[order[$0..<$0 + size]] }
  }
}

/// Why the program cannot do what it was asked for.
struct DigitsError: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}
