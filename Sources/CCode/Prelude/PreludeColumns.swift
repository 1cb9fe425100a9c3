/// Functions on the columns of a block: each column has one slot.
enum PreludeColumns {
  static func sums(_ type: CComputeType) -> String {
    #"""
    /** Sets the slots of `width` columns to `a`. */
    INLINE void NAME(fill_columns)(size_t width, lanes slots[], \#(type.rawValue) a) {
      for (size_t v = 0; v * LANES < width; v++) slots[v] = v_splat(a);
    }

    /** The values of the columns of a block; +0 for a zero of either sign. */
    INLINE void NAME(store_columns)(size_t width, lanes slots[], \#(type.rawValue) values[]) {
      for (size_t v = 0; v * LANES < width; v++) {
        v_store(values + v * LANES, v_add(slots[v], v_zero()), LANES);
      }
    }

    /** Sets the sums of `width` columns to 0. */
    INLINE void NAME(no_sums)(size_t width, double sums[]) {
      for (size_t c = 0; c < width; c += LANES) w_store(sums + c, w_splat(0));
    }

    /** Adds the sums of the columns of a block to those of its part. */
    INLINE void NAME(add_block)(size_t width, double part[], lanes slots[]) {
      for (size_t v = 0; v * LANES < width; v++) {
        double *const sum = part + v * LANES;
        w_store(sum, w_add(w_load(sum), w_widen(v_add(slots[v], v_zero()))));
      }
    }

    /** Adds the sums of the columns of a part to those of all. */
    INLINE void NAME(add_part)(size_t width, double all[], const double part[]) {
      size_t c = 0;
      for (; c + LANES <= width; c += LANES) {
        w_store(all + c, w_add(w_load(all + c), w_load(part + c)));
      }
      for (; LANES > 1 && c < width; c++) all[c] += part[c];
    }

    """#
  }

  static func moments(_ type: CComputeType) -> String {
    #"""
    /** The means of the columns of a block of `count` rows. */
    INLINE void NAME(mean_columns)(size_t width, lanes slots[], double count,
                                   \#(type.rawValue) means[]) {
      const bool exact = has_exact_inverse(count);
      const lanes rows = v_splat((\#(type.rawValue))count);
      const lanes inverse = v_splat((\#(type.rawValue))(1 / count));
      for (size_t v = 0; v * LANES < width; v++) {
        const lanes sum = v_add(slots[v], v_zero());
        lanes mean = v_mul(sum, inverse);
        if (!exact) mean = v_div(sum, rows);
        v_store(means + v * LANES, mean, LANES);
      }
    }

    /** The moments of no rows in each of `width` columns. */
    INLINE void NAME(no_moments)(size_t width, column_moments *all) {
      all->count = 0;
      NAME(no_sums)(width, all->mean);
      NAME(no_sums)(width, all->squares);
    }

    /** Merges moments of LANES columns from `c` on into those of all. The first are taken as they
     *  are. */
    INLINE void NAME(merge_lanes)(column_moments *all, size_t c, wide mean, wide squares,
                                  merged_count counts) {
      if (all->count != 0) {
        const wide before = w_load(all->mean + c), apart = w_sub(mean, before);
        mean = w_add(before, w_mul(apart, w_splat(counts.share)));
        squares = w_add(w_add(w_load(all->squares + c), squares),
                        w_mul(w_mul(apart, apart), w_splat(counts.weight)));
      }
      w_store(all->mean + c, mean);
      w_store(all->squares + c, squares);
    }

    /** Merges the moments of a block of `count` rows into those of its part. The deviations are
     *  from rounded means, which their sums correct. */
    INLINE void NAME(merge_block)(size_t width, column_moments *part, double count,
                                  const \#(type.rawValue) means[], lanes deviations[],
                                  lanes squares[]) {
      if (count == 0) return;
      const bool exact = has_exact_inverse(count);
      const wide rows = w_splat(count), inverse = w_splat(1 / count);
      const merged_count counts = merge_counts(part->count, count);
      for (size_t v = 0; v * LANES < width; v++) {
        const wide rounded = w_widen(v_load(means + v * LANES, LANES));
        const wide deviation = w_widen(v_add(deviations[v], v_zero()));
        const wide square = w_widen(v_add(squares[v], v_zero()));
        wide error = w_mul(deviation, inverse);
        wide excess = w_mul(w_mul(deviation, deviation), inverse);
        if (!exact) {
          error = w_div(deviation, rows);
          excess = w_div(w_mul(deviation, deviation), rows);
        }
        NAME(merge_lanes)(part, v * LANES, w_add(rounded, error), w_sub(square, excess), counts);
      }
      part->count = counts.count;
    }

    /** Merges the moments of a part into those of all. */
    INLINE void NAME(merge_columns)(size_t width, column_moments *all,
                                    const column_moments *part) {
      if (part->count == 0) return;
      const merged_count counts = merge_counts(all->count, part->count);
      for (size_t c = 0; c < width; c += LANES) {
        NAME(merge_lanes)(all, c, w_load(part->mean + c), w_load(part->squares + c), counts);
      }
      all->count = counts.count;
    }

    """#
  }

  /// The moments of columns that have the same count.
  static let type = """
    /** The moments of each column of a stretch, all of the same count. Where that of a part is 0
     *  the rest is not set. */
    typedef struct { double mean[COLUMNS], squares[COLUMNS], count; } column_moments;

    /** Whether to multiply by 1 / count is to divide by it: so for powers of two. Most blocks of
     *  columns have LONGEST_CHAIN rows, and divisions take longest of all that they need. */
    HELPER bool has_exact_inverse(double count) {
      const uint64_t whole = (uint64_t)count;
      return (whole & (whole - 1)) == 0;
    }

    """
}
