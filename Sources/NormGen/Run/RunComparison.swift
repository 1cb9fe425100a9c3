import Foundation
import NumPyFormat

/// The arrays of two runs side by side.
package struct RunComparison: Sendable {
  /// One row for each array that either run wrote, by name.
  package private(set) var rows: [Row] = []
  private let tolerance: Tolerance

  /// How large a difference may be: `relative` times the largest number of the array, plus
  /// `absolute`. A sum that cancels has a rounding as large as that of its terms, which its
  /// result does not show: that is what `absolute` is for.
  package struct Tolerance: Equatable, Sendable {
    package var relative: Double
    package var absolute: Double

    package init(relative: Double = 0, absolute: Double = 0) {
      self.relative = relative
      self.absolute = absolute
    }

    fileprivate func admits(_ difference: Double, scale: Double) -> Bool {
      difference <= relative * scale + absolute
    }
  }

  /// How far two arrays of one name lie apart.
  package struct Row: Equatable, Sendable {
    package var name: String
    package var verdict: Verdict
  }

  /// The outcome for one name.
  package enum Verdict: Equatable, Sendable {
    /// The largest difference, and the largest finite number of the first array.
    case difference(Double, scale: Double)
    /// Shapes or kinds of elements differ.
    case incomparable
    /// Only one of the runs has it.
    case alone
  }

  /// `true` iff each array is in both and no difference is larger than the tolerance.
  package var agrees: Bool {
    rows.allSatisfy { row in
      switch row.verdict {
      case .difference(let difference, let scale): tolerance.admits(difference, scale: scale)
      case .incomparable, .alone: false
      }
    }
  }

  /// The rows as a person reads them.
  package var table: String {
    var table = TextTable(columns: ["array", "largest number", "largest difference", ""])
    for row in rows {
      switch row.verdict {
      case .difference(let difference, let scale):
        let text = difference == 0 ? "0 (equal)" : scientific(difference)
        let isAdmitted = tolerance.admits(difference, scale: scale)
        table.append([row.name, scientific(scale), text, isAdmitted ? "ok" : "too large"])
      case .incomparable: table.append([row.name, "-", "-", "other shape or type"])
      case .alone: table.append([row.name, "-", "-", "in one of the two only"])
      }
    }
    return table.text
  }
}

/// Compares the `.npy` files of two directories.
///
/// - Throws: `InputError` or `NumPyError` if a directory or a file cannot be read, or there is
///   nothing to compare.
package func compareRuns(
  _ first: String, _ second: String, _ tolerance: RunComparison.Tolerance
) throws -> RunComparison {
  let (names, others) = (try arrayNames(first), try arrayNames(second))
  let all = Set(names).union(others).sorted()
  guard !all.isEmpty else { throw InputError("\(first): holds no .npy files") }
  var comparison = RunComparison(tolerance: tolerance)
  for name in all {
    guard names.contains(name), others.contains(name) else {
      comparison.append(name, .alone)
      continue
    }
    let a = try NumPyArray(contentsOf: "\(first)/\(name).npy")
    let b = try NumPyArray(contentsOf: "\(second)/\(name).npy")
    comparison.append(name, verdict(a, b))
  }
  return comparison
}

extension RunComparison {
  fileprivate init(tolerance: Tolerance) { self.tolerance = tolerance }

  fileprivate mutating func append(_ name: String, _ verdict: Verdict) {
    rows.append(Row(name: name, verdict: verdict))
  }
}

private func arrayNames(_ directory: String) throws(InputError) -> [String] {
  do {
    return try FileManager.default.contentsOfDirectory(atPath: directory)
      .filter { $0.hasSuffix(".npy") && !$0.hasPrefix(".") }.map { String($0.dropLast(4)) }
  } catch {
    throw InputError("\(directory): cannot be read as a directory")
  }
}

private func verdict(_ a: NumPyArray, _ b: NumPyArray) -> RunComparison.Verdict {
  guard a.shape == b.shape else { return .incomparable }
  if let x = a.elements.floats, let y = b.elements.floats {
    let (difference, scale) = largestDifference(x, y)
    return .difference(difference, scale: scale)
  }
  return a.elements == b.elements ? .difference(0, scale: 0) : .difference(.infinity, scale: 0)
}

/// The largest difference of two numbers at one place, in units of the largest finite number of
/// `expected` or of 1, whichever is larger: where a result cancels to nothing, rounding is as
/// large as that of its terms.
package func scaledDeviation(_ expected: [Double], _ found: [Double]) -> Double {
  let (difference, scale) = largestDifference(expected, found)
  return difference / max(scale, 1)
}

/// The largest difference of two numbers at one place, and the largest finite number of
/// `expected`.
private func largestDifference(
  _ expected: [Double], _ found: [Double]
) -> (difference: Double, scale: Double) {
  guard expected.count == found.count else { return (.infinity, 1) }
  var (difference, scale) = (0.0, 0.0)
  for (x, y) in zip(expected, found) {
    if x.isFinite { scale = max(scale, abs(x)) }
    if x == y || x.isNaN && y.isNaN { continue }
    let distance = abs(x - y)
    difference = distance.isFinite ? max(difference, distance) : .infinity
  }
  return (difference, scale)
}
