/// Sums whose slots of each block lie in memory.
enum PreludeRides {
  static func slots(_ type: CComputeType) -> String {
    #"""
    /** Sets `count` slots in memory to +0. */
    INLINE void NAME(empty)(\#(type.rawValue) slots[], size_t count) {
      for (size_t i = 0; i < count; i += LANES) {
        v_store(slots + i, v_zero(), (int)smaller(count - i, LANES));
      }
    }

    /** Takes the first `live` slots of a block from memory; the others are +0. */
    INLINE void NAME(take_slots)(const \#(type.rawValue) from[], int live, lanes slots[]) {
      NAME(clear)(slots);
      EACH_VECTOR(v, live) slots[v] = v_load(from + v * LANES, live - v * LANES);
    }

    /** Puts the first `live` slots of a block in memory. */
    INLINE void NAME(put_slots)(\#(type.rawValue) to[], int live, lanes slots[]) {
      EACH_VECTOR(v, live) v_store(to + v * LANES, slots[v], live - v * LANES);
    }

    /** The sum of blocks of so many slots, up to SLOTS; those of the next block lie `apart`
     *  elements further. */
    INLINE double NAME(join)(sum_order order, const \#(type.rawValue) slots[], size_t count,
                             size_t apart) {
      const int live = (int)smaller(count, SLOTS);
      double sum = 0.0;
      for (size_t part = 0; part < order.blocks; part += order.part_blocks) {
        const size_t part_end = smaller(order.blocks, part + order.part_blocks);
        double sum_of_part = 0.0;
        for (size_t block = part; block < part_end; block++) {
          lanes block_slots[VECTORS];
          NAME(take_slots)(slots + block * apart, live, block_slots);
          sum_of_part += (double)NAME(combine)(block_slots);
        }
        sum += sum_of_part;
      }
      return sum;
    }

    """#
  }

  static func columns(_ type: CComputeType) -> String {
    #"""
    /** The sums of `width` columns over blocks, each of which has one slot for a column; those of
     *  the next block lie `apart` elements further. */
    INLINE void NAME(join_columns)(size_t width, double all[], sum_order order,
                                   const \#(type.rawValue) slots[], size_t apart) {
      for (size_t part = 0; part < order.blocks; part += order.part_blocks) {
        const size_t part_end = smaller(order.blocks, part + order.part_blocks);
        double part_sums[COLUMNS];
        NAME(no_sums)(width, part_sums);
        for (size_t block = part; block < part_end; block++) {
          const \#(type.rawValue) *const row = slots + block * apart;
          for (size_t c = 0; c < width; c += LANES) {
            const lanes values = v_load(row + c, (int)smaller(width - c, LANES));
            w_store(part_sums + c, w_add(w_load(part_sums + c), w_widen(values)));
          }
        }
        NAME(add_part)(width, all, part_sums);
      }
    }

    """#
  }
}
