import LoopIR

/// What a size is called in C: `n_` for `n`, which counts lanes there.
func sizeNameInC(_ name: String) -> String {
  namesOfTheFile.contains(name) || isFormedInC(name, of: []) ? name + "_" : name
}

extension SizeParameter {
  /// What it is called in C.
  var nameInC: String { sizeNameInC(name) }
}

/// `true` iff generated C may form `name` itself, of the names `others` or of numbers: `forward_1`
/// is a kernel, `part_x` a part of the sum of x, `x_slots` its slots.
func isFormedInC(_ name: String, of others: Set<String>) -> Bool {
  // Most names, asked for all the time.
  if !name.utf8.contains(UInt8(ascii: "_")) { return firstWordsOfFunctions.contains(name[...]) }
  let words = name.split(separator: "_", omittingEmptySubsequences: false)
  guard let first = words.first, let last = words.last else { return false }
  if firstWordsOfFunctions.contains(first) { return true }
  if firstWordsOfVariables.contains(first) || lastWordsOfVariables.contains(last) { return true }
  if words.contains("each") { return true }
  if prefixesOfLanes.contains(first), words.count == 2 || last == "all" {
    return laneOperations.contains(words[1])
  }
  let stem = words.dropLast().joined(separator: "_")
  if last.allSatisfy(\.isNumber) { return membersOfCalls.contains(stem) }
  if lastWords.contains(last) {
    return others.contains(stem)
      || prefixesOfArguments.contains { prefix in
        stem.hasPrefix(prefix) && others.contains(String(stem.dropFirst(prefix.count)))
      }
  }
  return false
}

private let firstWordsOfFunctions: Set<Substring> = ["forward", "backward", "jvp", "vjp2", "event"]
private let firstWordsOfVariables: Set<Substring> = [
  "part", "column", "slots", "kept", "order", "at", "place", "normgen", "NORMGEN",
]
private let lastWordsOfVariables: Set<Substring> = ["slots", "behind"]
private let lastWords: Set<Substring> = [
  "counts", "count", "squares", "squared", "moments", "deviations", "block", "here",
  "beyond", "i", "row", "rows", "turned", "folded", "sum", "array", "out",
  "status", "found",
]
private let prefixesOfLanes: Set<Substring> = ["v", "h", "i", "m", "n", "w"]
private let laneOperations: Set<Substring> = [
  "abs", "add", "and", "bits", "count", "div", "down", "eq", "erf", "even", "exp", "fence",
  "first", "floor", "fma", "fms", "fnma", "le", "load", "log", "lt", "max", "min", "mul", "ne",
  "neg", "not", "number", "odd", "or", "pow", "prefetch", "quads", "round", "select", "shl",
  "shr", "sigmoid", "splat", "sqrt", "store", "stream", "sub", "sum", "take", "tanh", "widen",
  "xor", "zero",
]
private let membersOfCalls: Set<String> = [
  "places", "piece", "stream", "short", "together", "gathered", "held", "turned", "one_block",
  "one_step", "turn", "stretch", "from", "through",
]
private let prefixesOfArguments = ["d_", "t_", "dd_", "next_"]
