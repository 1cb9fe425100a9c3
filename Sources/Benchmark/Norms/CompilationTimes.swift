import Basics
import NormGen
import Syntax

/// How long it takes to compile a norm, from a file to functions that can be called.
package struct CompilationTimes {
  package let norm: String
  /// Reading and checking the file of the norm.
  package let reading: Timing
  /// From the checked norm to loops; no text is written yet.
  package let scheduling: Timing
  /// From loops to machine code, with a first forward and backward of training: machine
  /// code is made when a call needs it.
  package let loading: Timing
  /// All of it, measured as a whole.
  package let total: Timing
}

/// Measures how long specs take to become functions that have been called, every time anew.
///
/// - Parameters:
///   - callSizes: sizes of the calls, where they are not fixed; the others are small.
///   - seconds: how long it measures in all; each part runs 25 times at least.
/// - Throws: `InputError` where a norm has no such size, or it is fixed at another; what reading
///   and compiling throw.
package func measureCompilation(
  of paths: [String], _ options: Options, callSizes: [String: Int] = [:], seconds: Double
) throws -> [CompilationTimes] {
  var subjects: [Subject] = []
  var names: [String] = []
  for path in paths {
    for norm in try loadSpecs([path], warn: { _ in }).norms {
      names.append(norm.name)
      try norm.checkSizes(callSizes)
      for (name, size) in callSizes.sorted(by: { $0.key < $1.key }) {
        if let fixed = options.sizes[name], fixed != size {
          throw InputError("\(name) is fixed at \(fixed); calls cannot have \(size)")
        }
      }
      subjects += try subjectsOfCompilation(norm, of: path, options, callSizes)
    }
  }
  var rounds = Rounds(seconds: seconds)
  rounds.leastRounds = 25
  let timings = try rounds.measure(subjects)
  return names.enumerated().map { index, name in
    let parts = timings[(index * 4)..<(index * 4 + 4)].map { $0 }
    return CompilationTimes(
      norm: name, reading: parts[0], scheduling: parts[1], loading: parts[2], total: parts[3])
  }
}

/// Reading, scheduling, loading, and all of it.
private func subjectsOfCompilation(
  _ norm: CheckedNorm, of path: String, _ options: Options, _ callSizes: [String: Int]
) throws -> [Subject] {
  let compiled = try compile(norm, options)
  let defaults = Defaults(of: norm, fixed: options.sizes)
  let first = try FirstCalls(
    of: Kernel(compiled, defaults: defaults), norm,
    given: options.sizes.merging(callSizes) { fixed, _ in fixed })
  return [
    Subject("reading") { times in
      for _ in 0..<times { _ = try loadSpecs([path], warn: { _ in }) }
    },
    Subject("scheduling") { times in
      for _ in 0..<times { _ = try compile(norm, options) }
    },
    Subject("loading") { times in
      for _ in 0..<times { try first.make(with: Kernel(compiled, defaults: defaults)) }
    },
    Subject("total") { times in
      for _ in 0..<times {
        let specs = try loadSpecs([path], warn: { _ in })
        try first.make(with: Norm(specs.norm(named: norm.name)).compile(options))
      }
    },
  ]
}

/// The medians as a person reads them.
package func table(_ times: [CompilationTimes]) -> String {
  var table = TextTable(columns: ["norm", "reading", "scheduling", "loading", "total", "spread"])
  for norm in times {
    let parts = [norm.reading, norm.scheduling, norm.loading, norm.total].map(\.median)
    table.append([norm.norm] + (parts + [norm.total.spread]).map(duration))
  }
  return table.text
}
