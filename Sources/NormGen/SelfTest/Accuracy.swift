import LoopIR
import Syntax

/// Measures how far kernels are from float64, in training, forward and backward.
///
/// The interpreter judges calls with each axis in turn being long; sums of ten million elements,
/// for which it is too slow, are judged by the kernel in float64. Nothing judges that: the
/// interpreter computes as it does.
///
/// - Parameters:
///   - sizes: sizes that stay the same in all cases, by name.
///   - longest: the elements of the longest sums.
/// - Throws: what the compiler throws; `InputError` if the sizes do not fit.
package func accuracy(
  of norm: CheckedNorm, types: [Options.Scalar], sizes: [String: Int],
  longest: Int = 10_000_000, observe: (String) -> Void = { _ in }
) throws -> AccuracyReport {
  var report = AccuracyReport()
  for type in types where type != .float64 {
    observe("\(norm.name): accuracy of \(type.rawValue)")
    var options = Options()
    options.type = type
    let kernel = try Kernel(try compile(norm, options), defaults: Defaults(of: norm))
    for row in try accuracyRows(norm, sizes: sizes, options, evaluate: kernel.evaluate) {
      report.append(row)
    }
    observe("\(norm.name): long sums of \(type.rawValue)")
    let long = LongSums(norm, options, kernel, fixed: sizes, longest: longest)
    if let row = try long.row() { report.append(row) }
  }
  return report
}

/// The errors of `evaluate` against the interpreter: a row for each kind of inputs.
func accuracyRows(
  _ norm: CheckedNorm, sizes: [String: Int], _ options: Options,
  evaluate: (BoundCall) throws -> CallResult
) throws -> [AccuracyReport.Row] {
  var cases = try norm.longSizeCases(fixed: sizes, length: 255, others: 8)
  if cases.isEmpty { cases = [try CallSizes(norm, extents: norm.smallSizeCase(fixed: sizes))] }
  return try AccuracyInputs.allCases.map { inputs in
    var row = AccuracyReport.Row(
      norm: norm.name, type: options.type.rawValue, inputs: inputs.rawValue)
    for (index, sizes) in cases.enumerated() {
      var call = try BoundCall(
        random: norm, sizes, .train, type: options.type, seed: UInt64(index))
      for value in norm.values {
        guard case .tensor = value.kind, let ordinary = call.numbers[value.name] else { continue }
        call.numbers[value.name] = call.rounded(
          inputs.numbers(ordinary, options.type), as: value)
      }
      let expected = try interpret(call)
      row.note(try evaluate(call), expected, call, inputs)
    }
    return row
  }
}

extension AccuracyReport.Row {
  /// Takes the results of a call into account.
  fileprivate mutating func note(
    _ found: CallResult, _ expected: CallResult, _ call: BoundCall, _ inputs: AccuracyInputs
  ) {
    for value in call.norm.values {
      let type = call.storage(of: value)
      let name = value.name
      if let gradient = expected.numbers["d_" + name] {
        let isTensor = if case .tensor = value.kind { true } else { false }
        gradients.note(
          found.numbers["d_" + name] ?? [], gradient, as: type,
          floor: isTensor ? 1 / inputs.deviation(call.type) : 1)
      }
      guard let numbers = expected.numbers[name] else { continue }
      if case .state = value.kind {
        states.note(found.numbers[name] ?? [], numbers, as: type, floor: 1)
      } else {
        outputs.note(
          found.numbers[name] ?? [], numbers, as: type, floor: inputs.floorOfOutputs)
      }
    }
  }
}
