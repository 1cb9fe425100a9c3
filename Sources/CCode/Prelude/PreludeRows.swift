/// Short rows, turned: places of a region lie in lanes, LANES of them at once.
///
/// The rows are taken from memory whole, or four elements at a time, and turned in registers; what
/// is made for them is turned back. Each slot of a row has one element at most, so its sum is the
/// tree of the canonical order over the elements.
enum PreludeRows {
  static func text(_ type: CComputeType) -> String {
    type == .float32
      ? "#if LANES > 1\n" + vectors + "#else\n" + oneLane + "#endif\n\n" + sums : ""
  }

  /// The functions for TinyCC, which has one lane.
  static func plain(_ type: CComputeType) -> String { type == .float32 ? oneLane + sums : "" }

  /// The functions that are built of the operations on several lanes.
  static func helpers(_ type: CComputeType) -> String { type == .float32 ? vectors + sums : "" }

  private static let vectors = #"""
    /** Turns the elements of four rows in each four lanes, 4 by 4 of them: turned[at] and the three
     *  after it. */
    INLINE void NAME(turn_quads)(lanes a, lanes b, lanes c, lanes d, lanes turned[], size_t at) {
      const lanes ab = v_mix_low(a, b), cd = v_mix_low(c, d);
      const lanes upper_ab = v_mix_high(a, b), upper_cd = v_mix_high(c, d);
      turned[at] = v_pair_low(ab, cd);
      turned[at + 1] = v_pair_high(ab, cd);
      turned[at + 2] = v_pair_low(upper_ab, upper_cd);
      turned[at + 3] = v_pair_high(upper_ab, upper_cd);
    }

    /** Lane r of to[at + j] becomes lane j of from[first + r], for LANES of both. */
    INLINE void NAME(turn)(lanes from[], size_t first, lanes to[], size_t at) {
      lanes quads[16];
      UNROLLED for (size_t r = 0; r < LANES; r += 4) {
        const size_t row = first + r;
        NAME(turn_quads)(from[row], from[row + 1], from[row + 2], from[row + 3], quads, r);
      }
      UNROLLED for (size_t j = 0; j < 4; j++) {
        const size_t k = at + j;
        const lanes a = v_even_quads(quads[j], quads[j + 4]);
        const lanes b = v_odd_quads(quads[j], quads[j + 4]);
        if (LANES == 16) {
          const lanes c = v_even_quads(quads[j + 8], quads[j + 12]);
          const lanes d = v_odd_quads(quads[j + 8], quads[j + 12]);
          to[k] = v_even_quads(a, c);
          to[k + 4] = v_even_quads(b, d);
          to[k + 8] = v_odd_quads(a, c);
          to[k + 12] = v_odd_quads(b, d);
        } else {
          to[k] = a;
          to[k + 4] = b;
        }
      }
    }

    /** Takes `live` rows of any length from memory. */
    SHARED void NAME(take_any_rows)(const float from[], size_t count, int live, lanes turned[]) {
      UNROLLED for (size_t i = 0; i < MOST_TURNED; i += LANES) {
        if (i < count) {
          const int n = (int)(count - i);
          lanes rows[LANES];
          EACH_ELEMENT(r, LANES) {
            rows[r] = v_load(from + r * count + i, r < (size_t)live ? n : 0);
          }
          NAME(turn)(rows, 0, turned, i);
        }
      }
    }

    /** Puts `live` rows of any length in memory. */
    SHARED void NAME(put_any_rows)(lanes turned[], size_t count, int live, float to[]) {
      EACH_ELEMENT(j, MOST_TURNED) {
        if (j >= count) turned[j] = v_zero();
      }
      UNROLLED for (size_t i = 0; i < MOST_TURNED; i += LANES) {
        if (i < count) {
          const int n = (int)(count - i);
          lanes rows[LANES];
          NAME(turn)(turned, i, rows, 0);
          EACH_ELEMENT(r, LANES) {
            v_store(to + r * count + i, rows[r], r < (size_t)live ? n : 0);
          }
        }
      }
    }

    /** Takes `live` rows of `count` elements from memory: lane r of turned[j] becomes element j of
     *  row r, or +0 beyond them. */
    INLINE void NAME(take_rows)(const float from[], size_t count, int live, lanes turned[]) {
      if (live == LANES && count == LANES) {
        lanes rows[LANES];
        EACH_ELEMENT(r, LANES) rows[r] = v_load(from + r * LANES, LANES);
        NAME(turn)(rows, 0, turned, 0);
      } else if (live == LANES && count == 2) {
        const lanes a = v_quads(from, 2), b = v_quads(from + 4, 2);
        turned[0] = v_even(a, b);
        turned[1] = v_odd(a, b);
      } else if (live == LANES && count % 4 == 0) {
        UNROLLED for (size_t j = 0; j < MOST_TURNED; j += 4) {
          if (j < count) {
            const float *const row = from + j;
            NAME(turn_quads)(v_quads(row, count), v_quads(row + count, count),
                             v_quads(row + 2 * count, count), v_quads(row + 3 * count, count),
                             turned, j);
          }
        }
      } else {
        lanes any[MOST_TURNED];
        NAME(take_any_rows)(from, count, live, any);
        EACH_ELEMENT(j, count) turned[j] = any[j];
      }
    }

    /** Puts `live` rows of `count` elements in memory. */
    INLINE void NAME(put_rows)(lanes turned[], size_t count, int live, float to[]) {
      if (live == LANES && count == LANES) {
        lanes rows[LANES];
        NAME(turn)(turned, 0, rows, 0);
        EACH_ELEMENT(r, LANES) v_store(to + r * LANES, rows[r], LANES);
      } else if (live == LANES && count == 2) {
        v_store_quads(to, 2, v_mix_low(turned[0], turned[1]));
        v_store_quads(to + 4, 2, v_mix_high(turned[0], turned[1]));
      } else if (live == LANES && count % 4 == 0) {
        UNROLLED for (size_t j = 0; j < MOST_TURNED; j += 4) {
          if (j < count) {
            lanes quads[4];
            NAME(turn_quads)(turned[j], turned[j + 1], turned[j + 2], turned[j + 3], quads, 0);
            UNROLLED for (size_t r = 0; r < 4; r++) {
              v_store_quads(to + r * count + j, count, quads[r]);
            }
          }
        }
      } else {
        lanes any[MOST_TURNED];
        EACH_ELEMENT(j, count) any[j] = turned[j];
        NAME(put_any_rows)(any, count, live, to);
      }
    }

    """#

  private static let oneLane = #"""
    INLINE void NAME(take_rows)(const float from[], size_t count, int live, lanes turned[]) {
      (void)live;
      for (size_t j = 0; j < count; j++) turned[j] = from[j];
    }
    INLINE void NAME(put_rows)(lanes turned[], size_t count, int live, float to[]) {
      (void)live;
      for (size_t j = 0; j < count; j++) to[j] = turned[j];
    }

    """#

  private static let sums = #"""
    /** Adds the slots h ... 2 h - 1 of those there are to the ones before. */
    INLINE void NAME(fold_rows)(lanes turned[], size_t count, size_t h) {
      EACH_ELEMENT(i, h) {
        if (i + h < count) turned[i] = v_add(turned[i], turned[i + h]);
      }
    }

    /** The sum of each row, whose element j is slot j; the slots are overwritten. */
    INLINE lanes NAME(sum_rows)(lanes turned[], size_t count) {
      NAME(fold_rows)(turned, count, 8);
      NAME(fold_rows)(turned, count, 4);
      NAME(fold_rows)(turned, count, 2);
      NAME(fold_rows)(turned, count, 1);
      return v_add(turned[0], v_zero());
    }

    """#
}
