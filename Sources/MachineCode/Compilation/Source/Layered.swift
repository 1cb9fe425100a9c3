/// An array that continues one that its copies share.
///
/// Libraries hold the same long code, and each adds little to it: only that is copied.
struct Layered<Element: Sendable>: Sendable {
  private var shared: [Element] = []
  private var added: [Element] = []

  var count: Int { shared.count + added.count }

  subscript(place: Int) -> Element {
    place < shared.count ? shared[place] : added[place - shared.count]
  }

  mutating func append(_ element: Element) { added.append(element) }

  mutating func append(contentsOf elements: ArraySlice<Element>) { added += elements }

  /// Lets copies share all that is there.
  mutating func share() {
    shared += added
    added = []
  }
}
