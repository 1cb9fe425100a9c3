/// Heads and declarations.
extension SpecGenerator {
  /// The tensors of the head, which bring in the axes.
  mutating func head() -> [String] {
    let names = ["N", "T", "H", "C"]
    let count = pick([1, 2, 2, 3, 3, 4])
    features.insert([.oneAxis, .twoAxes, .threeAxes, .fourAxes][count - 1])
    axes = names.suffix(count).map { SpecAxis(name: $0, atoms: [$0]) }
    if chance(0.3) {
      axes[integer(0...(count - 1))].isRun = true
      features.insert(.run)
    }
    if chance(0.35) { group() }
    var tensors = [tensor(over: axes)]
    while chance(0.35), tensors.count < 3 {
      features.insert(.severalTensors)
      tensors.append(tensor(over: chance(0.4) ? axes : subset(of: axes)))
    }
    return tensors
  }

  private mutating func subset(of axes: [SpecAxis]) -> [SpecAxis] {
    let chosen = axes.filter { _ in chance(0.5) }
    return chosen.isEmpty ? [pick(axes)] : chosen
  }

  private mutating func tensor(over axes: [SpecAxis]) -> String {
    let name = name("x")
    let atoms = Set(axes.flatMap(\.atoms))
    visible.append(SpecValue(name: name, kind: .tensor, axes: atoms))
    return name + "["
      + axes.map { $0.name + ($0.isRun ? "..." : "") }.joined(separator: ", ") + "]"
  }

  /// Splits an axis of the head.
  private mutating func group() {
    let place = integer(0...(axes.count - 1))
    guard !axes[place].isRun else { return }
    let whole = axes[place].name
    let quotient = "\(whole)/G"
    let size = chance(0.8) ? " = \(integer(1...3))" : ""
    if chance(0.5) {
      axes[place].atoms = ["G", quotient]
      declarations.append(.plain("group \(whole) into G\(size)"))
      features.insert(.groupInto)
    } else {
      axes[place].atoms = [quotient, "G"]
      declarations.append(.plain("group \(whole) of G\(size)"))
      features.insert(.groupOf)
    }
  }

  mutating func declare() {
    if chance(0.25) {
      declarations.append(.plain("axis K = \(integer(1...4))"))
      axes.append(SpecAxis(name: "K", atoms: ["K"]))
      features.insert(.declaredAxis)
    }
    for _ in 0..<pick([0, 1, 1, 2]) { declareScalar() }
    if chance(0.2) {
      let name = name("flag")
      declarations.append(.plain("scalar \(name) = \(pick(["true", "false"]))"))
      visible.append(SpecValue(name: name, kind: .flag, axes: [], isCondition: true))
      features.insert(.conditionScalar)
    }
    for _ in 0..<pick([0, 1, 1, 2, 3]) {
      declareArray(.parameter, "param", "p", .parameter, .parameterWithoutAxes)
    }
    for _ in 0..<pick([0, 0, 1, 2]) {
      declareArray(.state, "state", "s", .state, .stateWithoutAxes)
    }
    for _ in 0..<pick([0, 0, 1, 1, 2]) { declareMask() }
    if chance(0.25) {
      let name = name("step")
      declarations.append(.plain("counter \(name)"))
      visible.append(SpecValue(name: name, kind: .counter, axes: [], low: 0, high: 21))
      features.insert(.counter)
    }
  }

  private mutating func declareScalar() {
    let name = name("a")
    let standard = pick(["0.1", "0.25", "1e-2", "0.9", "1 / 8", "2^-3", "sqrt(0.5)"])
    declarations.append(.plain("scalar \(name) = \(standard)"))
    visible.append(SpecValue(name: name, kind: .scalar, axes: [], low: 0.01, high: 0.9))
    features.insert(.scalar)
  }

  /// Axes for a declaration, with or without brackets.
  private mutating func someAxes() -> (text: String, atoms: Set<String>) {
    var chosen: [(String, [String])] = []
    for axis in axes where chance(0.4) {
      if axis.atoms.count > 1, chance(0.5) {
        let atom = pick(axis.atoms)
        chosen.append((atom, [atom]))
      } else {
        chosen.append((axis.name, axis.atoms))
      }
    }
    if chosen.isEmpty { return ("", []) }
    if chance(0.3) { chosen.shuffle(using: &random) }
    return ("[\(chosen.map(\.0).joined(separator: ", "))]", Set(chosen.flatMap(\.1)))
  }

  private mutating func declareArray(
    _ kind: SpecValue.Kind, _ word: String, _ stem: String, _ feature: Feature,
    _ featureWithoutAxes: Feature
  ) {
    let name = name(stem)
    let (text, atoms) = someAxes()
    features.insert(atoms.isEmpty ? featureWithoutAxes : feature)
    var initial = pick(["1", "0", "0.5", "-1", "1.5e-1"])
    if chance(0.2) {
      features.insert(.initialFromSizes)
      initial = "1 / (1 + size(\(pick(axes).name)))"
    }
    declarations.append(.plain("\(word) \(name)\(text) = \(initial)"))
    let value = SpecValue(name: name, kind: kind, axes: atoms, low: -1, high: 1.5)
    if kind == .state, chance(0.3) {
      backwardStates.append(value)
    } else {
      visible.append(value)
    }
  }

  private mutating func declareMask() {
    let name = name("m")
    let (text, atoms) = someAxes()
    features.insert(.mask)
    if atoms.count < axes.flatMap(\.atoms).count { features.insert(.maskLacksAxes) }
    declarations.append(.plain("mask \(name)\(text)"))
    visible.append(SpecValue(name: name, kind: .mask, axes: atoms, isCondition: true))
  }
}
