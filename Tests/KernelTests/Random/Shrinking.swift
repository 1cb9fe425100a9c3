extension Spec {
  /// The smallest norm that still fails as `failure` does, and how it fails.
  ///
  /// Takes the first cut that fails likewise, again and again; at most `budget` trials.
  func shrunk(
    _ failure: NormTrial.Failure, seed: UInt64, compilers: [String], budget: Int = 400
  ) -> (spec: Spec, failure: NormTrial.Failure) {
    var (best, known) = (self, failure)
    var left = budget
    var isSmaller = true
    while isSmaller, left > 0 {
      isSmaller = false
      for candidate in best.smaller {
        var trial = NormTrial(text: candidate.text, seed: seed, compilers: compilers)
        trial.only = failure.property
        guard trial.checks else { continue }
        left -= 1
        if left == 0 { break }
        guard case .fails(let found) = trial.run(), found.property == failure.property else {
          continue
        }
        (best, known, isSmaller) = (candidate, found, true)
        break
      }
    }
    return (best, known)
  }
}
