import Basics
import Testing

@testable import Syntax

/// Changed specs give diagnostics or norms, never a crash; formatting them stays idempotent.
@Suite struct FuzzTests {
  @Test(arguments: 0..<8)
  func specsWithChangedBytesDoNoHarm(seed: Int) throws {
    var random = SplitMix64(seed: UInt64(seed))
    for _ in 0..<200 {
      var bytes = try #require(NamedSpec.valid.randomElement(using: &random)).source.bytes
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        let place = Int.random(in: 0..<bytes.count, using: &random)
        switch Int.random(in: 0..<3, using: &random) {
        case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
        case 1: bytes.remove(at: place)
        default: bytes.insert(UInt8.random(in: 32...126, using: &random), at: place)
        }
      }
      examine(bytes, seed: seed)
    }
  }

  @Test(arguments: 100..<108)
  func specsWithChangedWordsDoNoHarm(seed: Int) throws {
    var random = SplitMix64(seed: UInt64(seed))
    let pool = try NamedSpec.valid.flatMap { try words(of: $0.source) }
    for _ in 0..<200 {
      var words = try words(of: #require(NamedSpec.valid.randomElement(using: &random)).source)
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        let place = Int.random(in: 0..<words.count, using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0: words[place] = try #require(pool.randomElement(using: &random))
        case 1: words.remove(at: place)
        case 2: words.swapAt(place, Int.random(in: 0..<words.count, using: &random))
        default: words.insert(try #require(pool.randomElement(using: &random)), at: place)
        }
      }
      examine(Array(words.joined(separator: " ").utf8), seed: seed)
    }
  }

  private func words(of source: SourceFile) throws -> [String] {
    var log = DiagnosticLog()
    let file = try #require(lexed(source, into: &log))
    return file.tokens.map { source.text(of: $0.span) }
  }

  private func examine(_ bytes: [UInt8], seed: Int) {
    let source = SourceFile(name: "fuzz.norm", bytes: bytes)
    var diagnostics = DiagnosticSet()
    let norms = check(source, into: &diagnostics)
    // Without an error there must be norms, and with one none.
    #expect(norms.isEmpty == diagnostics.hasErrors, "seed \(seed): \(source.text)")
    #expect(diagnostics.isEmpty || !diagnostics.description.isEmpty)
    for entry in diagnostics.entries {
      #expect(entry.diagnostic.span.upper <= bytes.count, "seed \(seed): \(source.text)")
    }
    guard let text = format(source, into: &diagnostics) else { return }
    #expect(formatted(text) == text, "seed \(seed): \(source.text)")
    let isSame = checked(text).norms.map(\.meaning) == norms.map(\.meaning)
    #expect(isSame, "seed \(seed): \(source.text)")
    var expansion = DiagnosticSet()
    guard !norms.isEmpty, let expanded = expand(source, into: &expansion) else { return }
    let meansTheSame = checked(expanded).norms.map(\.meaning) == norms.map(\.meaning)
    #expect(meansTheSame, "seed \(seed): \(source.text)")
  }
}
