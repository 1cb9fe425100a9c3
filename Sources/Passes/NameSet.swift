import Basics

/// Names that are taken.
struct NameSet {
  /// Names that nothing may have. They stand apart since many sets share them.
  private let reserved: NameTable
  private var taken = NameTable()

  init(_ names: [String] = [], reserving reserved: NameTable) {
    self.reserved = reserved
    for name in names { taken.insert(name) }
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
    if reserved.contains(name) { return false }
    let count = taken.count
    return taken.insert(name) == count
  }
}
