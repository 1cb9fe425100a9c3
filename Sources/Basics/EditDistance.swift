/// Returns the one of `candidates` that a user who wrote `word` most likely meant, or `nil` if
/// none is near; of equally near ones the first.
package func nearest(to word: String, among candidates: [String]) -> String? {
  // A long list is not worth the time: a spec that a person wrote has few names.
  guard word.utf8.count <= 64, candidates.count <= 2000 else { return nil }
  let limit = word.utf8.count <= 2 ? 1 : max(1, min(3, word.utf8.count / 3))
  var best: (candidate: String, distance: Int)?
  for candidate in candidates where candidate != word {
    guard abs(candidate.utf8.count - word.utf8.count) <= limit else { continue }
    let distance = editDistance(Array(word.utf8), Array(candidate.utf8))
    // A wholly different short word is no correction.
    guard distance <= limit, distance < max(word.utf8.count, candidate.utf8.count) else { continue }
    if distance < best?.distance ?? Int.max { best = (candidate, distance) }
  }
  return best?.candidate ?? candidates.first { $0 != word && $0.lowercased() == word.lowercased() }
}

/// The least number of insertions, removals, replacements and swaps of neighbours that turn `a`
/// into `b` (optimal string alignment).
package func editDistance(_ a: [UInt8], _ b: [UInt8]) -> Int {
  var beforeLast: [Int] = []
  var last = Array(0...b.count)
  for i in 0..<a.count {
    var row = [i + 1] + Array(repeating: 0, count: b.count)
    for j in 0..<b.count {
      row[j + 1] = min(last[j + 1] + 1, row[j] + 1, last[j] + (a[i] == b[j] ? 0 : 1))
      if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
        row[j + 1] = min(row[j + 1], beforeLast[j - 1] + 1)
      }
    }
    (beforeLast, last) = (last, row)
  }
  return last[b.count]
}
