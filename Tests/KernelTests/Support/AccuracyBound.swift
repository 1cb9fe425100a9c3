import Syntax

@testable import Interpreter
@testable import NormGen

/// How far a result may lie from that of the interpreter: the one formula of the accuracy tests.
///
///     error <= k * eps(type) * sqrt(n) * scale
///
/// n is the longest reduction of the call, forward or backward: the roundings of n terms grow like
/// sqrt(n) unless they conspire. The scale is the largest number of the expected array and of the
/// terms it is made of, at least 1: what cancels leaves the rounding of its terms behind.
///
///     terms of y                    x / std * weight and mean / std * weight, largest T >= 1
///     terms of d_weight, d_bias     d_y * T
///     terms of d_x                  d_y * weight / std * T
///     terms of a state              none that is larger than the state or 1
///
/// T grows like mean / std where data lies far from 0: each number of x - mean is off by the
/// rounding of mean, in units of std. All gradients of a call have one scale, the largest.
///
/// A number of 16 bits is rounded once more where it is stored, from what float32 gives.
struct AccuracyBound {
  /// The type that is computed in.
  let type: Options.Scalar
  /// What arrays are stored in, by name.
  private let storage: [String: Options.Scalar]
  /// n.
  let longestReduction: Int
  private let outputs: [String: [Double]]
  private let outputTerms: [String: Double]
  private let gradientTerm: Double

  /// What a number of a call is: each kind has a k of its own.
  enum Kind: String, CaseIterable {
    case output, state, gradient

    /// The roundings that one number goes through, half a unit of `eps * scale` each, and what
    /// the largest of 1e5 numbers has beyond sqrt(n):
    ///
    /// - An output: mean, deviation, the difference, two products and a sum. Measured: 1.2.
    /// - A state: the square of a term, the statistic, its blend with the old state, and in
    ///   float64 those of the interpreter's own plain sum. Measured: 1.6.
    /// - A gradient: what an output has, then two products and two sums. Measured: 0.8.
    var k: Double {
      switch self {
      case .output: 3
      case .state: 3
      case .gradient: 4
      }
    }
  }

  /// The bound of a call whose forward gave `forward`.
  init(_ call: BoundCall, _ forward: ForwardResult) {
    type = call.type.computed
    storage = call.storageOfResults
    let terms = TapeTerms(forward.evaluator)
    let norm = call.norm
    outputs = forward.outputs
    outputTerms = Dictionary(
      uniqueKeysWithValues: norm.outputs.map { (norm[$0].name, terms.largest(of: $0)) })
    let adjoint = largest(call.outputGradients.values.joined())
    var parameter = 1.0
    var longest = terms.longestReduction
    let extents = forward.evaluator.extents
    for value in norm.values {
      guard case .parameter = value.kind else { continue }
      parameter = max(parameter, largest(call.numbers[value.name] ?? []))
      for tensor in norm.values {
        guard case .tensor = tensor.kind else { continue }
        longest = max(longest, extents.count(tensor.axes.filter { !value.axes.contains($0) }))
      }
    }
    longestReduction = longest
    gradientTerm =
      adjoint * parameter * max(1, terms.largestReciprocal)
      * max(1, outputTerms.values.max() ?? 0)
  }

  func kind(of name: String) -> Kind {
    if outputs[name] != nil { return .output }
    return name.hasPrefix("d_") ? .gradient : .state
  }

  /// The largest error of an array in units of `eps(type) * sqrt(n) * scale`, which is at most k;
  /// infinite where one is NaN, or infinite and the other is not the same.
  func error(of name: String, _ found: [Double], _ expected: [Double]) -> Double {
    guard found.count == expected.count else { return .infinity }
    let term =
      switch kind(of: name) {
      case .output: outputTerms[name] ?? 0
      case .state: 0.0
      case .gradient: gradientTerm
      }
    let scale = max(1, largest(expected), term)
    let unit = type.epsilon * Double(longestReduction).squareRoot() * scale
    return zip(found, expected).reduce(0) { worst, pair in
      if pair.0 == pair.1 { return worst }
      let rounding = storage[name].map { $0.largestRounding(of: pair.1) } ?? 0
      let error = max(0, abs(pair.0 - pair.1) - rounding) / unit
      return error.isFinite ? max(worst, error) : .infinity
    }
  }
}

extension BoundCall {
  /// What the results are stored in, by name.
  fileprivate var storageOfResults: [String: Options.Scalar] {
    var storage: [String: Options.Scalar] = [:]
    for value in norm.values {
      storage[value.name] = self.storage(of: value)
      storage["d_" + value.name] = self.storage(of: value)
    }
    return storage
  }
}

extension Options.Scalar {
  /// How much a number that is near `number` can change where it is stored in 16 bits.
  fileprivate func largestRounding(of number: Double) -> Double {
    switch self {
    case .float32, .float64: 0
    case .bfloat16: max(abs(number) * 0x1.02p-8, 0x1p-134)
    case .float16: max(abs(number) * 0x1.02p-11, 0x1p-25)
    }
  }
}

/// The sizes of what the arrays of a forward call are made of.
private struct TapeTerms {
  private var evaluator: Evaluator
  /// For each record and element the largest term.
  private var terms: [[Double]] = []
  /// The longest reduction of the forward call.
  private(set) var longestReduction = 1
  /// The largest 1 / q of all x / q that a gradient passes.
  private(set) var largestReciprocal = 0.0

  init(_ evaluator: Evaluator) {
    self.evaluator = evaluator
    for record in evaluator.tape.records { append(record) }
  }

  /// The largest term of a defined value.
  func largest(of value: ValueID) -> Double {
    guard let record = evaluator.record(of: value) else { return 0 }
    return KernelTests.largest(terms[record.index])
  }

  private mutating func append(_ record: Record) {
    var result = record.elements.map(abs)
    switch record.operation {
    case .source, .unary, .select, .replaced, .merge: break
    case .regroup(let x, let from, let to):
      let others = record.axes.filter { !to.contains($0) }
      result = terms(of: x, over: others + from)
    case .lookUp(let x, let along, let index):
      let known = terms[x.index]
      result = evaluator.picked(x, along: along, at: index, over: record.axes).map { known[$0] }
    case .reduce(_, over: let axes, let windows, _, where: _):
      let taken = axes + windows.flatMap(\.axes)
      longestReduction = max(longestReduction, evaluator.extents.count(taken))
    case .binary(let function, let x, let y):
      let (a, b) = (terms(of: x, over: record.axes), terms(of: y, over: record.axes))
      switch function {
      case .add, .subtract: result = zip(a, b).map(max)
      case .multiply: result = zip(a, b).map(*)
      case .divide:
        let divisors = evaluator.elements(y, over: record.axes)
        result = zip(a, divisors).map { $0 / abs($1) }
        guard evaluator.tape[x].passesGradient else { break }
        largestReciprocal = max(largestReciprocal, largest(divisors.map { 1 / $0 }))
      case .power, .modulo, .maximum, .minimum: break
      }
    }
    terms.append(result)
  }

  private mutating func terms(of record: RecordID, over axes: [AxisID]) -> [Double] {
    let known = terms[record.index]
    return evaluator.places(of: evaluator.tape[record].axes, over: axes).map { known[$0] }
  }

  private func largest(_ numbers: [Double]) -> Double { KernelTests.largest(numbers) }
}

/// The largest finite magnitude; 0 of nothing.
private func largest(_ numbers: some Sequence<Double>) -> Double {
  numbers.reduce(0) { $1.isFinite ? max($0, abs($1)) : $0 }
}
