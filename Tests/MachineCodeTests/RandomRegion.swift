/// Writes random region functions in C, of the kind that kernels are made of, from a seed.
///
/// They compute with numbers, sizes and lanes, branch, loop, and have more variables than a
/// processor has registers.
struct RandomRegion {
  private var state: UInt64
  private var depth = 0
  private static let numbers = 14
  private static let sizes = 14

  init(seed: UInt64) { state = seed }

  /// The text of the function `NAME(f)` and of what it calls, for kernels that compute in `type`.
  mutating func text(_ type: String) -> String {
    let values = (0..<6).map { "    const lanes t\($0) = \(lanes(2, known: $0));\n" }.joined()
    let numbers = (0..<Self.numbers).map { "d\($0) = \(Double(below(9)) - 4)" }
    let sizes = (0..<Self.sizes).map { "s\($0) = \(below(50))" }
    let sums = (0..<Self.numbers).map { "    call->sums[at * 16 + \($0)] = d\($0);\n" }.joined()
    let counts = (0..<Self.sizes).map { "s\($0)" }.joined(separator: " + ")
    return """
      INLINE void NAME(step)(const \(type) *x, const \(type) *y, \(type) a, \(type) b,
                             lanes p[], lanes q[], \(type) *out, int live) {
        EACH_VECTOR(v, live) {
          const int i = v * LANES;
          const int n = live - i;
          const lanes x_i = v_load(x + i, n);
          const lanes y_i = v_load(y + i, n);
      \(values)\
          p[v] = v_take(\(lanes(3, known: 6)), p[v], n);
          q[v] = v_take(\(lanes(3, known: 6)), q[v], n);
          v_store(out + i, \(lanes(3, known: 6)), n);
        }
      }

      KERNEL void NAME(f)(const call_of_f *call, size_t first, size_t last) {
        const size_t n = call->n;
        double \(numbers.joined(separator: ", "));
        size_t \(sizes.joined(separator: ", "));
        for (size_t at = first; at < last; at++) {
          lanes p[VECTORS];
          NAME(clear)(p);
          lanes q[VECTORS];
          NAME(clear)(q);
      \(statements(6))\
          size_t j = 0;
          for (; j + SLOTS <= n; j += SLOTS) {
            NAME(step)(call->x + j, call->y + at * n + j, (\(type))d0, (\(type))d1, p, q,
                       call->out + at * n + j, SLOTS);
          }
          if (j < n) {
            NAME(step)(call->x + j, call->y + at * n + j, (\(type))d2, (\(type))d3, p, q,
                       call->out + at * n + j, (int)(n - j));
          }
          d4 = (double)NAME(combine)(p);
          d5 = (double)NAME(combine)(q);
      \(statements(6))\
      \(sums)    call->sums[at * 16 + 14] = (double)((\(counts)) % 1000003);
        }
      }
      """
  }

  private mutating func below(_ limit: Int) -> Int {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return Int((z ^ (z >> 31)) % UInt64(limit))
  }

  // Lanes

  private mutating func lanes(_ depth: Int, known: Int) -> String {
    if depth == 0 { return laneLeaf(known) }
    func next() -> String { lanes(depth - 1, known: known) }
    switch below(12) {
    case 0: return "v_add(\(next()), \(next()))"
    case 1: return "v_sub(\(next()), \(next()))"
    case 2: return "v_mul(\(next()), \(next()))"
    case 3: return "v_div(\(next()), \(next()))"
    case 4: return "v_fma(\(next()), \(next()), \(next()))"
    case 5: return "v_fnma(\(next()), \(next()), \(next()))"
    case 6: return "v_fms(\(next()), \(next()), \(next()))"
    case 7: return "v_sqrt(v_abs(\(next())))"
    case 8: return "v_max(\(next()), \(next()))"
    case 9: return "v_select(m_lt(\(next()), \(next())), \(next()), \(next()))"
    case 10: return "v_floor(v_neg(\(next())))"
    default:
      return "v_select(m_or(m_ne(\(next()), \(next())), m_not(m_le(\(next()), \(next())))), "
        + "\(next()), \(next()))"
    }
  }

  private mutating func laneLeaf(_ known: Int) -> String {
    switch below(known > 0 ? 7 : 5) {
    case 0: "x_i"
    case 1: "y_i"
    case 2: "v_splat(a)"
    case 3: "v_splat(b)"
    case 4: ["p[v]", "q[v]", "v_splat(1.5f)", "v_zero()"][below(4)]
    default: "t\(below(known))"
    }
  }

  // Scalar code

  private mutating func statements(_ count: Int) -> String {
    (0..<count).map { _ in statement() }.joined()
  }

  private mutating func statement() -> String {
    depth += 1
    defer { depth -= 1 }
    switch below(depth < 3 ? 8 : 5) {
    case 0, 1, 2: return "d\(below(Self.numbers)) = \(number(2));\n"
    case 3: return "s\(below(Self.sizes)) = (\(size(2))) % 977;\n"
    case 4: return "d\(below(Self.numbers)) += \(number(1));\n"
    case 5: return "if (\(condition())) {\n\(statements(2))} else {\n\(statements(2))}\n"
    case 6: return "if (\(condition())) {\n\(statements(2))}\n"
    default:
      let counter = "k\(depth)"
      return "for (size_t \(counter) = 0; \(counter) < s\(below(Self.sizes)) % 5; \(counter)++) {\n"
        + "\(statements(2))s\(below(Self.sizes)) += \(counter);\n}\n"
    }
  }

  private mutating func number(_ depth: Int) -> String {
    if depth == 0 {
      switch below(4) {
      case 0: return "(double)s\(below(Self.sizes))"
      case 1: return "call->scale"
      default: return "d\(below(Self.numbers))"
      }
    }
    func next() -> String { number(depth - 1) }
    switch below(9) {
    case 0: return "(\(next()) + \(next()))"
    case 1: return "(\(next()) - \(next()))"
    case 2: return "(\(next()) * \(next()))"
    case 3: return "(\(next()) / \(next()))"
    case 4: return "fma(\(next()), \(next()), \(next()))"
    case 5: return "sqrt(fabs(\(next())))"
    case 6: return "(\(condition()) ? \(next()) : \(next()))"
    case 7: return "(double)(float)(\(next()))"
    default: return "-(\(next()))"
    }
  }

  private mutating func size(_ depth: Int) -> String {
    if depth == 0 { return below(3) == 0 ? "\(below(70) + 1)" : "s\(below(Self.sizes))" }
    func next() -> String { size(depth - 1) }
    switch below(8) {
    case 0: return "(\(next()) + \(next()))"
    case 1: return "(\(next()) - \(next()))"
    case 2: return "(\(next()) * \(next()))"
    case 3: return "(\(next()) / (\(next()) % 13 + 1))"
    case 4: return "(\(next()) % (\(next()) % 13 + 1))"
    case 5: return "smaller(\(next()), \(next()))"
    case 6: return "(\(next()) * 8 / 4 % 64)"
    default: return "(\(condition()) ? \(next()) : \(next()))"
    }
  }

  private mutating func condition() -> String {
    let comparison = ["<", "<=", ">", ">=", "==", "!="][below(6)]
    switch below(4) {
    case 0: return "s\(below(Self.sizes)) \(comparison) s\(below(Self.sizes))"
    case 1: return "s\(below(Self.sizes)) \(comparison) \(below(60))"
    case 2: return "d\(below(Self.numbers)) \(comparison) d\(below(Self.numbers))"
    default:
      let joint = ["&&", "||"][below(2)]
      return "d\(below(Self.numbers)) \(comparison) 0.5 \(joint) s\(below(Self.sizes)) != 3"
    }
  }
}
