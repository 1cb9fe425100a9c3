import LoopIR
import Testing

@testable import Benchmark
@testable import NormGen

/// The loops that stand beside ours in the table compute the same norms.
@Suite struct PlainTests {
  private static let files = TableFiles(root: package.path)

  /// For each norm, sizes that are no multiples of a vector.
  static let sizes: [String: [String: Int]] = [
    "layer_norm": ["N": 3, "C": 37], "rms_norm": ["N": 3, "C": 37],
    "batch_norm": ["N": 3, "C": 5, "S": 19], "batch_norm_columns": ["N": 13, "C": 21],
    "group_norm": ["N": 3, "C": 12, "S": 7, "G": 4], "layer_norm_gelu": ["N": 3, "C": 37],
    "softmax": ["N": 3, "C": 37], "masked_batch_norm": ["N": 3, "T": 11, "C": 5],
    "power_norm": ["T": 7, "B": 3, "C": 5], "ada_layer_norm": ["N": 3, "T": 2, "C": 37],
    "global_response_norm": ["N": 3, "S": 7, "C": 5],
  ]

  /// One case of each norm of the table.
  static func cases() throws -> [TableCase] {
    var found: [TableCase] = []
    for row in try files.cases() where row.type == nil {
      if !found.contains(where: { $0.spec == row.spec }) { found.append(row) }
    }
    return found
  }

  @Test(arguments: try cases())
  func plainLoopsComputeTheSame(row: TableCase) throws {
    var row = row
    let name = try Self.files.norm(of: row).norm.name
    row.sizes = try #require(Self.sizes[name])
    let norm = try Self.files.norm(of: row)
    let sizes = try norm.norm.callSizes(given: row.sizes)
    let call = try BoundCall(random: norm.norm, sizes, .train, type: .float32, seed: 7)
    let plain = try #require(try Self.files.plain(norm))
    var store = KernelStore()
    let found = try store.kernel(norm, plain).evaluate(call)
    for (name, expected) in try interpret(call).numbers.sorted(by: { $0.key < $1.key }) {
      let numbers = try #require(found.numbers[name], "\(name)")
      // A few roundings of sums of at most 57 terms, in any order.
      #expect(scaledDeviation(expected, numbers) < 2e-6, "\(name), seed 7")
    }
  }

  @Test func plainLoopsAreOfOneType() throws {
    var row = try #require(try Self.cases().first)
    row.type = "f64"
    #expect(try Self.files.plain(try Self.files.norm(of: row)) == nil)
  }
}
