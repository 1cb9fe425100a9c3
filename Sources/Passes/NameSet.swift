/// Names that are taken.
struct NameSet {
  /// Names that nothing may have. They stand apart since many sets share them.
  private let reserved: Set<String>
  private var taken: Set<String>

  init(_ names: some Sequence<String> = [], reserving reserved: Set<String>) {
    self.reserved = reserved
    taken = Set(names)
  }

  /// `name`, or with the first number that makes it new; it is taken from now on.
  mutating func unique(_ name: String) -> String {
    if take(name) { return name }
    var number = 1
    while !take("\(name)_\(number)") { number += 1 }
    return "\(name)_\(number)"
  }

  /// Takes `name`; `false` if it was taken before.
  private mutating func take(_ name: String) -> Bool {
    !reserved.contains(name) && taken.insert(name).inserted
  }
}
