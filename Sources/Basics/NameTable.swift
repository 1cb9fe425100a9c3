/// Numbers for names: 0, 1, 2 and so on in the order in which they are added.
///
/// Passes ask for short names all the time. They are hashed here with one step a byte, where a
/// dictionary guards against keys that someone chose to collide; and a copy shares the names that
/// it begins with, where a dictionary makes each its own.
package struct NameTable: Sendable {
  /// The names that copies share, and behind them those that were added since.
  private var shared: [String] = []
  private var added: [String] = []
  /// By number.
  private var hashes: [UInt32] = []
  /// Numbers, each at the place that its hash says or the first free one behind it; -1 for none.
  /// A power of two, and at least double of what is there.
  private var places: [Int32]

  /// - Parameter places: a power of two.
  package init(places: Int = 64) {
    self.places = Array(repeating: -1, count: places)
  }

  package init(of names: some Sequence<String>) {
    self.init()
    for name in names { insert(name) }
  }

  package var count: Int { hashes.count }

  /// The name of a number.
  package subscript(number: Int) -> String {
    number < shared.count ? shared[number] : added[number - shared.count]
  }

  package func contains(_ name: String) -> Bool { number(of: name) != nil }

  /// The number of a name, if it was added.
  package func number(of name: String) -> Int? {
    let number = places[place(of: name, hash(of: name))]
    return number < 0 ? nil : Int(number)
  }

  /// The number of a name, which is added unless it is there.
  @discardableResult
  package mutating func insert(_ name: String) -> Int {
    let hash = hash(of: name)
    let place = place(of: name, hash)
    if places[place] >= 0 { return Int(places[place]) }
    places[place] = Int32(count)
    if added.isEmpty { reserve(16) }
    added.append(name)
    hashes.append(hash)
    if 2 * count > places.count { grow() }
    return count - 1
  }

  private mutating func reserve(_ more: Int) {
    added.reserveCapacity(more)
    hashes.reserveCapacity(hashes.count + more)
  }

  /// Lets copies share all names that are there.
  package mutating func share() {
    shared += added
    added = []
  }

  /// The place where a name is, or would be.
  private func place(of name: String, _ hash: UInt32) -> Int {
    let mask = places.count - 1
    var place = Int(hash) & mask
    while places[place] >= 0 {
      let number = Int(places[place])
      if hashes[number] == hash, isName(number, name) { break }
      place = (place + 1) & mask
    }
    return place
  }

  /// `true` iff `name` has the number, without a copy of what is stored.
  private func isName(_ number: Int, _ name: String) -> Bool {
    number < shared.count ? shared[number] == name : added[number - shared.count] == name
  }

  private mutating func grow() {
    places = Array(repeating: -1, count: 2 * places.count)
    let mask = places.count - 1
    for (number, hash) in hashes.enumerated() {
      var place = Int(hash) & mask
      while places[place] >= 0 { place = (place + 1) & mask }
      places[place] = Int32(number)
    }
  }

  /// FNV-1a, its upper bits folded into those that choose the place.
  private func hash(of name: String) -> UInt32 {
    var hash: UInt32 = 0x811c_9dc5
    let bytes = name.utf8Span.span
    for place in bytes.indices { hash = (hash ^ UInt32(bytes[place])) &* 0x0100_0193 }
    return hash ^ hash >> 15
  }
}
