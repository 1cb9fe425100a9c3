import Basics

@testable import NormGen

/// Writes a random norm that is well formed.
///
/// Each expression is written together with its axes and with bounds of its elements; what grows
/// too large is tamed, divisors and radicands are kept away from 0, but for a minority.
struct SpecGenerator {
  var random: SplitMix64
  /// What the norm reaches so far.
  var features: Set<Feature> = []
  /// Axes that the norm may name; split ones have two atoms.
  var axes: [SpecAxis] = []
  /// What expressions may read at this point.
  var visible: [SpecValue] = []
  /// What each value reads, by name.
  var reads: [String: Set<String>] = [:]
  /// States that gradient blocks may take as their own.
  var backwardStates: [SpecValue] = []
  var declarations: [SpecStatement] = []
  var statements: [SpecStatement] = []
  private var takenNames: Set<String> = []
  /// `true` iff names are words that C or the language use elsewhere.
  private var hasOddNames = false

  init(seed: UInt64) { random = SplitMix64(seed: seed) }

  mutating func chance(_ probability: Double) -> Bool {
    Double.random(in: 0..<1, using: &random) < probability
  }

  mutating func pick<Element>(_ elements: [Element]) -> Element {
    elements[Int.random(in: 0..<elements.count, using: &random)]
  }

  mutating func integer(_ range: ClosedRange<Int>) -> Int { .random(in: range, using: &random) }

  /// A new name; `stem` with a number, or now and then a word that means something elsewhere.
  mutating func name(_ stem: String) -> String {
    if hasOddNames, chance(0.5) {
      let word = pick(oddNames)
      if takenNames.insert(word).inserted { return word }
    }
    var number = 1
    while !takenNames.insert("\(stem)\(number)").inserted { number += 1 }
    return "\(stem)\(number)"
  }

  /// A whole norm.
  mutating func spec() -> Spec {
    let usesClauses = chance(0.35)
    hasOddNames = !usesClauses && chance(0.3)
    let tensors = head()
    declare()
    if usesClauses {
      takenNames.formUnion(clauseNames)
      clauses(on: visible.first { $0.kind == .tensor })
    }
    // Clause values stand before; equations follow and may read them.
    for _ in 0..<integer(1...4) { equation() }
    if chance(0.5) { phases() }
    for _ in 0..<integer(0...2) { equation() }
    if chance(0.4) { gradientBlock(in: nil) }
    let outputs = outputs(afterClauses: usesClauses)
    if chance(0.5) { shuffleLines() }
    return Spec(
      name: "random_norm", documentation: chance(0.3) ? "A random norm." : nil, tensors: tensors,
      outputs: outputs, statements: declarations + statements)
  }

  /// Equations stand in any order; clauses keep theirs.
  private mutating func shuffleLines() {
    let places = statements.indices.filter { place in
      switch statements[place] {
      case .plain: false
      case .line(let head, _): !head.hasPrefix("divide by")
      case .block: true
      }
    }
    let shuffled = places.shuffled(using: &random)
    let old = statements
    for (to, from) in zip(places, shuffled) { statements[to] = old[from] }
  }
}

/// An axis of a random norm.
struct SpecAxis {
  var name: String
  /// Itself, or the parts that a group makes of it.
  var atoms: [String]
  var isRun = false
}

/// A value that expressions may read.
struct SpecValue {
  enum Kind { case tensor, parameter, state, mask, scalar, flag, counter, equation, local }

  var name: String
  var kind: Kind
  /// Atoms.
  var axes: Set<String>
  var isCondition = false
  /// Bounds of the elements, as far as they are known.
  var low = -2.0
  var high = 2.0
}

/// Words of C, of the generated code, or of the language that may be names of values.
private let oddNames = [
  "double", "register", "restrict", "workspace", "status", "main", "inline", "bool", "errno", "NAN",
  "uint8_t", "segment", "block", "part", "stdin", "INFINITY", "float32", "place", "call", "first",
  "mean", "sum", "exp", "sqrt", "count", "acc", "i", "n", "size", "index", "x", "std", "rstd",
  "normalized", "centered", "lane", "total", "train", "reduce", "track", "by", "next", "of",
  "event", "executor", "forward", "backward", "var", "max", "gradient", "state", "counter", "mask",
  "statistic", "value", "squares", "deviation", "saved", "group", "into", "axis", "param", "row",
]

/// What clauses may define.
private let clauseNames: Set = [
  "mean", "var", "std", "mean_square", "rms", "centered", "normalized", "weight", "bias",
  "running_mean", "running_var", "running_mean_square", "eps",
]
