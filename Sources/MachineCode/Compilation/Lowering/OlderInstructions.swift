import CCode

/// What AVX2 lacks, in C.
enum OlderInstructions {
  /// With what C and the instructions name.
  static let library = Library(ofNamesAnd: CParser.items(of: text))

  private static let text = #"""
    /** The first n bytes at p, of as many as there are lanes; the others are 0. */
    INLINE uint64_t NAME(first_bytes)(const uint8_t *p, int n) {
      uint64_t bytes = 0;
      for (int i = 0; i < LANES; i++) {
        if (i < n) bytes = bytes | (uint64_t)p[i] << (8 * i);
      }
      return bytes;
    }

    /** The first n numbers of 16 bits at p as lanes; the others are 0. */
    INLINE lanes NAME(load_first_bf16)(const uint16_t *p, int n) {
      uint16_t first[LANES] = {0};
      const size_t count = n < LANES ? (size_t)n : LANES;
      for (size_t i = 0; i < count; i++) first[i] = p[i];
      return v_load_bf16(first, LANES);
    }
    INLINE lanes NAME(load_first_f16)(const uint16_t *p, int n) {
      uint16_t first[LANES] = {0};
      const size_t count = n < LANES ? (size_t)n : LANES;
      for (size_t i = 0; i < count; i++) first[i] = p[i];
      return v_load_f16(first, LANES);
    }

    /** The first n lanes become numbers of 16 bits at p. */
    INLINE void NAME(store_first_bf16)(uint16_t *p, lanes a, int n) {
      uint16_t all[LANES];
      v_store_bf16(all, a, LANES);
      const size_t count = n < LANES ? (size_t)n : LANES;
      for (size_t i = 0; i < count; i++) p[i] = all[i];
    }
    INLINE void NAME(store_first_f16)(uint16_t *p, lanes a, int n) {
      uint16_t all[LANES];
      v_store_f16(all, a, LANES);
      const size_t count = n < LANES ? (size_t)n : LANES;
      for (size_t i = 0; i < count; i++) p[i] = all[i];
    }

    /** a, shifted right by k: the sign turns its bit, and takes the bit's new place away. */
    INLINE ints NAME(shifted)(ints a, int k) {
      const ints sign = i_splat(-0x7fffffffffffffff - 1);
      return i_sub(i_shr(i_xor(a, sign), k), i_shr(sign, k));
    }

    /** a as an integer, by halves of 32 bits: 1.5 * 2^52 more puts each into the low bits. */
    INLINE ints NAME(truncated)(lanes a) {
      const lanes whole = v_trunc(a);
      const lanes high = v_floor(v_mul(whole, v_splat(1.0 / 4294967296.0)));
      const lanes low = v_fnma(high, v_splat(4294967296.0), whole);
      const lanes shift = v_splat(6755399441055744.0);
      const ints high_bits = i_sub(v_bits(v_add(high, shift)), v_bits(shift));
      const ints low_bits = i_sub(v_bits(v_add(low, shift)), v_bits(shift));
      return i_add(i_shl(high_bits, 32), low_bits);
    }

    /** a as a number, by halves of 32 bits, which become the low bits of 2^52; one rounding. */
    INLINE lanes NAME(converted)(ints a) {
      const ints shift = v_bits(v_splat(4503599627370496.0)), sign = i_splat(0x80000000);
      const ints high_bits = i_or(i_xor(i_shr(a, 32), sign), shift);
      const ints low_bits = i_or(i_and(a, i_splat(0xffffffff)), shift);
      const lanes high = v_sub(v_from_bits(high_bits), v_splat(4503601774854144.0));
      return v_fma(high, v_splat(4294967296.0),
                   v_sub(v_from_bits(low_bits), v_splat(4503599627370496.0)));
    }
    """#
}
