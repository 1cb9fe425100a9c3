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
      const lanes rows = v_splat((\#(type.rawValue))count);
      for (size_t v = 0; v * LANES < width; v++) {
        v_store(means + v * LANES, v_div(v_add(slots[v], v_zero()), rows), LANES);
      }
    }

    /** `block_moments` of each column. */
    INLINE void NAME(block_of_columns)(size_t width, column_moments *block, double count,
                                       const \#(type.rawValue) means[], lanes deviations[],
                                       lanes squares[]) {
      const wide rows = w_splat(count);
      block->count = count;
      for (size_t v = 0; v * LANES < width; v++) {
        const size_t c = v * LANES;
        const wide mean = w_widen(v_load(means + c, LANES));
        const wide deviation = w_widen(v_add(deviations[v], v_zero()));
        const wide square = w_widen(v_add(squares[v], v_zero()));
        w_store(block->mean + c, w_add(mean, w_div(deviation, rows)));
        w_store(block->squares + c, w_sub(square, w_div(w_mul(deviation, deviation), rows)));
      }
    }

    /** The moments of no rows in each of `width` columns. */
    INLINE void NAME(no_moments)(size_t width, column_moments *all) {
      all->count = 0;
      NAME(no_sums)(width, all->mean);
      NAME(no_sums)(width, all->squares);
    }

    /** `merge` of each column; the result replaces the first. */
    INLINE void NAME(merge_columns)(size_t width, column_moments *all,
                                    const column_moments *part) {
      if (part->count == 0) return;
      const bool first = all->count == 0;
      const double count = all->count + part->count, share = part->count / count;
      const wide part_share = w_splat(share), weight = w_splat(all->count * share);
      for (size_t c = 0; c < width; c += LANES) {
        wide mean = w_load(part->mean + c), squares = w_load(part->squares + c);
        if (!first) {
          const wide before = w_load(all->mean + c), apart = w_sub(mean, before);
          mean = w_add(before, w_mul(apart, part_share));
          squares = w_add(w_add(w_load(all->squares + c), squares),
                          w_mul(w_mul(apart, apart), weight));
        }
        w_store(all->mean + c, mean);
        w_store(all->squares + c, squares);
      }
      all->count = count;
    }

    """#
  }

  /// The moments of columns that have the same count.
  static let type = """
    /** The moments of each column of a stretch, all of the same count. */
    typedef struct { double count, mean[COLUMNS], squares[COLUMNS]; } column_moments;

    """
}
