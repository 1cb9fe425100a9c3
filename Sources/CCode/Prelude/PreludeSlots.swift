/// Steps over the slots of a sum, and how slots become one value.
enum PreludeSlots {
  static let steps = #"""
    /* A step is up to SLOTS elements side by side, one to a slot; EACH_VECTOR walks its vectors
     * that hold one of the first `live`. */
    enum { NAME(VECTORS) = SLOTS / LANES };
    #define VECTORS NAME(VECTORS)
    #if LANES == 1
    #define UNROLLED
    #elif defined(__clang__)
    #define UNROLLED _Pragma("unroll")
    #else
    #define UNROLLED _Pragma("GCC unroll 8")
    #endif
    #define EACH_VECTOR(v, live) \
      UNROLLED for (int v = 0; v < VECTORS; v++) if (v * LANES < (live))

    /* The elements of a short row, all written out so that vectors stay in registers. */
    #if LANES == 1
    #define EACH_ELEMENT(j, count) for (size_t j = 0; j < (count); j++)
    #elif defined(__clang__)
    #define EACH_ELEMENT(j, count) \
      _Pragma("unroll") for (size_t j = 0; j < MOST_TURNED; j++) if (j < (count))
    #else
    #define EACH_ELEMENT(j, count) \
      _Pragma("GCC unroll 16") for (size_t j = 0; j < MOST_TURNED; j++) if (j < (count))
    #endif

    """#

  static let stepsOfOneLane = #"""
    #define VECTORS SLOTS
    #define UNROLLED
    #define EACH_VECTOR(v, live) for (int v = 0; v < VECTORS && v < (live); v++)
    #define EACH_ELEMENT(j, count) for (size_t j = 0; j < (count); j++)

    """#

  /// The body of a function that spreads `values` over `row`; `number` is one of them as a number.
  static func spreadBody(of number: String) -> String {
    """
      size_t value = first / larger(times, 1), end = (value + 1) * times - first;
      for (size_t k = 0, stop; k < count; k = stop, value++, end += times) {
        const lanes all = v_splat(\(number));
        stop = smaller(end, count);
        for (; k < stop; k += LANES) v_store(row + k, all, LANES);
      }
    """
  }

  static func sums(_ type: CComputeType) -> String {
    #"""
    /** Sets all slots to +0. */
    INLINE void NAME(clear)(lanes slots[]) {
      EACH_VECTOR(v, SLOTS) slots[v] = v_zero();
    }

    /** Elements first ... first + count - 1 of a row in which each of `values` stands `times`
     *  times. Up to LANES - 1 more are written behind them. */
    INLINE void NAME(spread)(const \#(type.rawValue) values[], size_t times, size_t first,
                             size_t count, \#(type.rawValue) row[]) {
    \#(spreadBody(of: "values[value]"))
    }

    /** Adds the upper of two halves of the vectors to the lower. */
    INLINE void NAME(fold)(lanes slots[], int half_of_vectors) {
      UNROLLED for (int v = 0; v < half_of_vectors; v++) {
        slots[v] = v_add(slots[v], slots[v + half_of_vectors]);
      }
    }

    /** Adds the slots in halves of vectors, down to one. */
    INLINE lanes NAME(fold_vectors)(lanes slots[]) {
    \#(calls(of: "fold", type))
      return slots[0];
    }

    /** The sum of all slots: halves are added, of vectors, then inside of the last one. */
    INLINE \#(type.rawValue) NAME(combine)(lanes slots[]) {
      return v_sum(NAME(fold_vectors)(slots)) + \#(type.zero);
    }

    """#
  }

  static func extremes(_ type: CComputeType) -> String {
    #"""
    /** The larger of two numbers, lane by lane; NaN if one is NaN, b if they are equal. */
    INLINE lanes NAME(maximum)(lanes a, lanes b) {
      return v_select(m_ne(a, a), a, v_greater(a, b));
    }
    #define v_max(a, b) NAME(maximum)(a, b)

    /** The smaller of two numbers, lane by lane; NaN if one is NaN, b if they are equal. */
    INLINE lanes NAME(minimum)(lanes a, lanes b) {
      return v_select(m_ne(a, a), a, v_lesser(a, b));
    }
    #define v_min(a, b) NAME(minimum)(a, b)

    /** Sets all slots to `a`: for a maximum, to -INFINITY. */
    INLINE void NAME(fill)(lanes slots[], \#(type.rawValue) a) {
      EACH_VECTOR(v, SLOTS) slots[v] = v_splat(a);
    }

    """# + "\n" + combined("maximum", "max", "larger", type) + "\n"
      + combined("minimum", "min", "smaller", type)
  }

  /// The function that finds the extreme of all slots.
  private static func combined(
    _ extreme: String, _ short: String, _ better: String, _ type: CComputeType
  ) -> String {
    #"""
    /** Keeps the \#(better) of each two of two halves of the vectors. */
    INLINE void NAME(fold_\#(short))(lanes slots[], int half_of_vectors) {
      UNROLLED for (int v = 0; v < half_of_vectors; v++) {
        slots[v] = v_\#(short)(slots[v], slots[v + half_of_vectors]);
      }
    }

    /** Keeps the \#(better) of slots in halves of vectors, down to one. */
    INLINE lanes NAME(fold_\#(short)_vectors)(lanes slots[]) {
    \#(calls(of: "fold_\(short)", type))
      return slots[0];
    }

    /** The \#(extreme) of all slots, in the same halves as a sum; +0 for a zero of either sign. */
    INLINE \#(type.rawValue) NAME(combine_\#(short))(lanes slots[]) {
      lanes best = NAME(fold_\#(short)_vectors)(slots);
      if (LANES > 8) best = v_\#(short)(best, v_down(best, 8));
      if (LANES > 4) best = v_\#(short)(best, v_down(best, 4));
      if (LANES > 2) best = v_\#(short)(best, v_down(best, 2));
      if (LANES > 1) best = v_\#(short)(best, v_down(best, 1));
      return v_number(best) + \#(type.zero);
    }

    """#
  }

  /// Calls of `function` with each half of the vectors, down to one. They are no loop: gcc would
  /// keep the slots in memory.
  private static func calls(of function: String, _ type: CComputeType) -> String {
    var lines: [String] = []
    var divisor = 2
    while divisor <= type.slots {
      lines.append("  NAME(\(function))(slots, VECTORS / \(divisor));")
      divisor *= 2
    }
    return lines.joined(separator: "\n")
  }
}

extension CComputeType {
  /// The literal of zero.
  var zero: String {
    switch self {
    case .float32: "0.0f"
    case .float64: "0.0"
    }
  }
}
