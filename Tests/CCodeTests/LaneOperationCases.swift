import CCode

/// An operation on lanes beside the same in plain scalar C: `a b c` are numbers, `i j` integers,
/// `m k` conditions, `n` the live lanes from here, `live` whether the lane is one of them.
struct LaneOperationCase: Sendable {
  enum Result: Sendable { case number, integer, condition, wide }

  var result: Result
  var lanes: String
  var scalar: String

  init(_ result: Result, _ lanes: String, _ scalar: String) {
    self.result = result
    self.lanes = lanes
    self.scalar = scalar
  }

  /// The cases; `f` ends the names of the mathematical functions of the type.
  static func all(_ type: CComputeType) -> [LaneOperationCase] {
    numbers(type) + conditions + integers(type) + wides(type)
  }

  private static func numbers(_ type: CComputeType) -> [LaneOperationCase] {
    let f = type == .float32 ? "f" : ""
    return [
      .init(.number, "v_zero()", "0"), .init(.number, "v_splat(3)", "3"),
      .init(.number, "v_add(a, b)", "a + b"), .init(.number, "v_sub(a, b)", "a - b"),
      .init(.number, "v_mul(a, b)", "a * b"), .init(.number, "v_div(a, b)", "a / b"),
      .init(.number, "v_sub(v_mul(a, b), c)", "product(a, b) - c"),
      .init(.number, "v_fma(a, b, c)", "fma\(f)(a, b, c)"),
      .init(.number, "v_fnma(a, b, c)", "fma\(f)(-a, b, c)"),
      .init(.number, "v_fms(a, b, c)", "fma\(f)(a, b, -c)"),
      .init(.number, "v_sqrt(a)", "sqrt\(f)(a)"), .init(.number, "v_floor(a)", "floor\(f)(a)"),
      .init(.number, "v_neg(a)", "-a"), .init(.number, "v_abs(a)", "fabs\(f)(a)"),
      .init(.number, "v_keep(a, n - 1)", "live_1 ? a : 0"),
      .init(.number, "v_take(a, b, n - 1)", "live_1 ? a : b"),
      .init(.number, "v_max(a, b)", "a > b || a != a ? a : b"),
      .init(.number, "v_min(a, b)", "a < b || a != a ? a : b"),
    ]
  }

  private static let conditions: [LaneOperationCase] = [
    .init(.condition, "m_lt(a, b)", "a < b"), .init(.condition, "m_le(a, b)", "a <= b"),
    .init(.condition, "m_eq(a, b)", "a == b"), .init(.condition, "m_ne(a, b)", "a != b"),
    .init(.condition, "m", "m"), .init(.condition, "m_and(m, k)", "m && k"),
    .init(.condition, "m_or(m, k)", "m || k"), .init(.condition, "m_not(m)", "!m"),
    .init(.condition, "m_splat(true)", "true"), .init(.condition, "m_splat(false)", "false"),
    .init(.condition, "m_and(m_not(m), m_lt(a, b))", "!m && a < b"),
    .init(.number, "v_select(m, a, b)", "m ? a : b"),
    .init(.condition, "i_lt(i, j)", "i < j"), .init(.condition, "i_le(i, j)", "i <= j"),
    .init(.condition, "i_eq(i, j)", "i == j"), .init(.condition, "i_ne(i, j)", "i != j"),
    .init(.condition, "i_le(i, i)", "true"), .init(.condition, "i_eq(i, i)", "true"),
  ]

  private static func integers(_ type: CComputeType) -> [LaneOperationCase] {
    let shifts = type == .float32 ? [0, 1, 7, 23, 31] : [0, 1, 23, 32, 52, 63]
    return [
      .init(.integer, "i_splat(-5)", "-5"), .init(.integer, "i_splat(0x7fffffff)", "0x7fffffff"),
      .init(.integer, "i_add(i, j)", "(integer)((word)i + (word)j)"),
      .init(.integer, "i_sub(i, j)", "(integer)((word)i - (word)j)"),
      .init(.integer, "i_mul(i, j)", "(integer)((word)i * (word)j)"),
      .init(.integer, "i_and(i, j)", "i & j"), .init(.integer, "i_or(i, j)", "i | j"),
      .init(.integer, "i_xor(i, j)", "i ^ j"),
      .init(.integer, "i_select(m, i, j)", "m ? i : j"),
      .init(.integer, "v_bits(a)", "bits_of(a)"), .init(.integer, "i", "i"),
      .init(.number, "v_from_bits(i)", "number_of(i)"),
      .init(
        .integer, "v_to_int(v_select(in_range(a), a, b_in_range))",
        "(integer)(in_integers(a) ? a : -7.9f)"),
      .init(.number, "v_from_int(i)", "(number)i"),
      .init(.number, "v_from_int(j)", "(number)j"),
    ]
      + shifts.flatMap { k -> [LaneOperationCase] in
        [
          .init(.integer, "i_shl(i, \(k))", "(integer)((word)i << \(k))"),
          .init(.integer, "i_shr(i, \(k))", "(integer)((word)i >> \(k))"),
          .init(.integer, "i_sar(i, \(k))", "halved(i, \(k))"),
        ]
      }
  }

  private static func wides(_ type: CComputeType) -> [LaneOperationCase] {
    let narrow = "(\(type.rawValue))"
    return [
      .init(.wide, "w_zero()", "0"), .init(.wide, "w_splat(0.1)", "0.1"),
      .init(.wide, "w_widen(a)", "(double)a"),
      .init(.wide, "w_add(p, q)", "p + q"), .init(.wide, "w_sub(p, q)", "p - q"),
      .init(.wide, "w_mul(p, q)", "p * q"), .init(.wide, "w_div(p, q)", "p / q"),
      .init(.wide, "w_fma(p, q, w_widen(a))", "fma(p, q, (double)a)"),
      .init(.number, "w_round(p)", narrow + "p"),
      .init(.number, "w_round(w_mul(p, w_widen(b)))", narrow + "(p * (double)b)"),
    ]
  }
}
