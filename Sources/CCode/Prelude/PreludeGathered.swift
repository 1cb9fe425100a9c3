/// Sums and extremes of several rows that are gathered in lanes: what follows them is computed for
/// LANES rows at once.
enum PreludeGathered {
  static func text(_ type: CComputeType) -> String {
    type == .float32
      ? "#if LANES > 1\n" + vectors + "#else\n" + oneLane([.sum, .maximum, .minimum]) + "#endif\n"
      : ""
  }

  /// The functions for TinyCC, which has one lane.
  static func plain(_ type: CComputeType) -> String { type == .float32 ? oneLane([.sum]) : "" }
  static func plainExtremes(_ type: CComputeType) -> String {
    type == .float32 ? oneLane([.maximum, .minimum]) : ""
  }

  /// The functions that are built of the operations on several lanes.
  static func helpers(_ type: CComputeType) -> String { type == .float32 ? vectors : "" }

  /// What is made of the lanes of a row.
  private enum Result: CaseIterable {
    case sum
    case maximum
    case minimum

    /// The function of the same name that does it with one row is `combine`, `combine_max` …
    var gather: String {
      switch self {
      case .sum: "gather"
      case .maximum: "gather_max"
      case .minimum: "gather_min"
      }
    }

    /// The operation on two vectors.
    var operation: String {
      switch self {
      case .sum: "v_add"
      case .maximum: "v_max"
      case .minimum: "v_min"
      }
    }
  }

  private static let vectors = Result.allCases.map(function).joined()

  private static func function(_ result: Result) -> String {
    let both = result.operation
    return #"""
      /** Lane r becomes the \#(result) of the lanes of row r, taken in halves; a row is LANES
       *  numbers. */
      INLINE lanes NAME(\#(result.gather))(const float rows[]) {
        lanes quads[4];
        UNROLLED for (size_t k = 0; k < 4; k++) {
          const lanes a = v_load(rows + k * LANES, LANES);
          const lanes b = v_load(rows + (k + 4) * LANES, LANES);
          quads[k] = \#(both)(v_low_halves(a, b), v_high_halves(a, b));
          if (LANES == 16) {
            const lanes c = v_load(rows + (k + 8) * LANES, LANES);
            const lanes d = v_load(rows + (k + 12) * LANES, LANES);
            const lanes e = \#(both)(v_low_halves(c, d), v_high_halves(c, d));
            quads[k] = \#(both)(v_even_quads(quads[k], e), v_odd_quads(quads[k], e));
          }
        }
        const lanes f = \#(both)(v_pair_low(quads[0], quads[1]), v_pair_high(quads[0], quads[1]));
        const lanes g = \#(both)(v_pair_low(quads[2], quads[3]), v_pair_high(quads[2], quads[3]));
        return v_add(\#(both)(v_even(f, g), v_odd(f, g)), v_zero());
      }


      """#
  }

  private static func oneLane(_ results: [Result]) -> String {
    results.map { result in
      "INLINE lanes NAME(\(result.gather))(const float rows[]) {\n"
        + "  return v_add(rows[0], v_zero());\n}\n"
    }.joined() + "\n"
  }
}
