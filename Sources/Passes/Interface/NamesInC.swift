import Syntax

/// The names that values have in generated C, where these differ from those of the source:
/// `register` is a word of C, so it is `register_`.
package struct NamesInC: Sendable {
  /// By name in the source.
  private var names: [String: String] = [:]
  /// By name in C.
  private var sources: [String: String] = [:]

  package init(of norm: CheckedNorm, _ derivatives: Set<Derivative> = [.vjp]) {
    let prefixes = derivatives.compactMap(\.dualPrefix)
    let next = Set(norm.values.filter(\.hasSuccessor).map { "next_" + $0.name })
    let dual = Set(prefixes.flatMap { prefix in norm.values.map { prefix + $0.name } })
    let own = Set(norm.values.map(\.name)).union([norm.name])
    let sizes = Set(norm.sizes.map { sizeNameInC($0.name) })
    var taken = own.union(dual).union(sizes)
    for (place, value) in norm.values.enumerated() {
      let isFormed = isFormedInC(value.name, of: own)
      guard
        isFormed || namesOfTheFile.contains(value.name) || next.contains(value.name)
          || dual.contains(value.name) || sizes.contains(value.name)
      else { continue }
      // Other equations have names in C only where they are free.
      guard isFormed || value.isDeclared || norm.outputs.contains(ValueID(place)) else { continue }
      var name = value.name
      var all: Set<String>
      repeat {
        name += "_"
        all = Set(prefixes.map { $0 + name } + [name])
      } while !taken.isDisjoint(with: all) || all.contains { namesOfTheFile.contains($0) }
      taken.formUnion(all)
      names[value.name] = name
      sources[name] = value.name
    }
  }

  /// The name in C.
  package func inC(_ name: String) -> String { names[name] ?? name }

  /// The name in the source.
  package func inSource(_ name: String) -> String { sources[name] ?? name }

  /// `norm` with the names in C.
  package func renamed(_ norm: CheckedNorm) -> CheckedNorm {
    if names.isEmpty { return norm }
    var norm = norm
    for place in norm.values.indices { norm.values[place].name = inC(norm.values[place].name) }
    return norm
  }

  /// What is said of values, by their names in C.
  package func renamed<Fact>(_ facts: [String: Fact]) -> [String: Fact] {
    if names.isEmpty { return facts }
    return Dictionary(facts.map { (inC($0.key), $0.value) }) { first, _ in first }
  }
}

extension Derivative {
  /// What the names of tangents, or of adjoints of gradients, begin with.
  fileprivate var dualPrefix: String? {
    switch self {
    case .vjp: nil
    case .jvp: "t_"
    case .vjp2: "dd_"
    }
  }
}

extension Value {
  fileprivate var isDeclared: Bool {
    switch kind {
    case .equation, .adjoint: false
    case .eventArgument, .tensor, .parameter, .state, .mask, .index, .scalar, .counter: true
    }
  }

  /// `true` iff functions have an argument for its value after the call.
  fileprivate var hasSuccessor: Bool {
    switch kind {
    case .state, .parameter, .counter: true
    case .tensor, .mask, .index, .scalar, .equation, .adjoint, .eventArgument: false
    }
  }
}
