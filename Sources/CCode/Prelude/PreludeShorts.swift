/// Numbers of 16 bits in memory, for float32 kernels. Files hold the formats that they use.
///
/// - `float from_bf16(uint16_t)`: a bfloat16 as a float, exact.
/// - `uint16_t to_bf16(float)`: rounded to nearest even; a NaN becomes quiet.
/// - `float from_f16(uint16_t)`: a float16 as a float, exact; a NaN becomes quiet.
/// - `uint16_t to_f16(float)`: rounded to nearest even; a NaN becomes quiet.
/// - `v_load_bf16(p, n)`: `from_bf16` of p[0] ... p[n - 1]; the other lanes are +0.
/// - `v_store_bf16(p, a, n)`: p[0] ... p[n - 1] become `to_bf16` of the lanes.
/// - `v_stream_bf16(p, a)`: all lanes, past the caches; `p` is aligned to as many bytes.
/// - `v_load_f16(p, n)`, `v_store_f16(p, a, n)`, `v_stream_f16(p, a)`: the same in float16.
/// - `NAME(spread_bf16)(values, times, first, count, row)`: `NAME(spread)` of bfloat16 as floats.
///
/// Payloads of NaNs keep their upper bits; denormals of all formats are exact. The bits are the
/// same in all readings. Loads and stores touch exactly the first n elements; n may be LANES or
/// more.
enum PreludeShorts {
  /// Scalar conversions, which all readings share.
  static func opening(_ shorts: Set<CShortFormat>) -> String {
    bits + (shorts.contains(.bfloat16) ? "\n" + bfloat16 : "")
      + (shorts.contains(.float16) ? "\n" + float16 : "")
  }

  private static let bits = #"""
    /* Numbers of 16 bits. What is read is exact as a float; what is written is rounded to nearest
     * even. A NaN stays one, with as much of its payload as fits. */
    HELPER uint32_t float_bits(float a) {
      const union { float number; uint32_t bits; } both = {.number = a};
      return both.bits;
    }
    HELPER float float_of_bits(uint32_t a) {
      const union { uint32_t bits; float number; } both = {.bits = a};
      return both.number;
    }

    """#

  /// As `spread`, of numbers of 16 bits, which become floats.
  static func spreads(_ shorts: Set<CShortFormat>) -> String {
    CShortFormat.allCases.filter { shorts.contains($0) }.map { format in
      #"""
      /** As spread, of \#(format.rawValue). */
      INLINE void NAME(spread_\#(format.rawValue))(const uint16_t values[], size_t times,
                                    size_t first, size_t count, float row[]) {
      \#(PreludeSlots.spreadBody(of: "from_\(format.rawValue)(values[value])"))
      }

      """#
    }.joined(separator: "\n")
  }

  private static let bfloat16 = #"""
    /** A bfloat16, the upper half of a float, as a float. */
    HELPER float from_bf16(uint16_t a) { return float_of_bits((uint32_t)a << 16); }

    /** A float, rounded to bfloat16. */
    HELPER uint16_t to_bf16(float a) {
      const uint32_t bits = float_bits(a), upper = bits >> 16;
      if (a != a) return (uint16_t)(upper | 0x40u);
      return (uint16_t)((bits + 0x7fffu + (upper & 1u)) >> 16);
    }

    """#

  private static let float16 = #"""
    /** A float16 as a float. */
    HELPER float from_f16(uint16_t a) {
      const uint32_t sign = (uint32_t)(a >> 15) << 31, size = a & 0x7fffu;
      if (size > 0x7c00u) return float_of_bits(sign | 0x7fc00000u | (size << 13));
      if (size == 0x7c00u) return float_of_bits(sign | 0x7f800000u);
      if (size >= 0x400u) return float_of_bits(sign | ((size << 13) + (112u << 23)));
      const float tiny = (float)(int32_t)size * 0x1p-24f; /* a denormal, or 0 */
      return float_of_bits(sign | float_bits(tiny));
    }

    /** A float, rounded to float16. */
    HELPER uint16_t to_f16(float a) {
      const uint32_t bits = float_bits(a), size = bits & 0x7fffffffu;
      const uint32_t sign = (bits >> 16) & 0x8000u;
      if (size > 0x7f800000u) return (uint16_t)(sign | 0x7e00u | ((size >> 13) & 0x3ffu));
      if (size >= 0x477ff000u) return (uint16_t)(sign | 0x7c00u); /* 65520 and more: infinite */
      if (size >= 0x38800000u) {
        const uint32_t nearest = size + 0xfffu + ((size >> 13) & 1u);
        return (uint16_t)(sign | ((nearest - (112u << 23)) >> 13));
      }
      if (size < 0x33000000u) return (uint16_t)sign; /* less than half of the least denormal */
      const uint32_t shift = 126u - (size >> 23), digits = (size & 0x7fffffu) | 0x800000u;
      const uint32_t whole = digits >> shift, rest = digits & ((1u << shift) - 1u);
      const uint32_t tie = 1u << (shift - 1u);
      const uint32_t up = rest > tie || (rest == tie && (whole & 1u)) ? 1u : 0u;
      return (uint16_t)(sign | (whole + up));
    }

    """#

  /// The operations on lanes for each reading.
  static func lanes(_ shorts: Set<CShortFormat>) -> String {
    let formats = CShortFormat.allCases.filter { shorts.contains($0) }
    let each = { (text: (CShortFormat) -> String) in
      formats.map { text($0) + "\n" }.joined()
    }
    return "#if LANES == 16\n\n" + loads512 + "\n" + each(avx512) + "#elif LANES == 8\n\n"
      + loads256
      + "\n" + each(avx2) + "#else\n\n" + plain(shorts) + "\n#endif\n"
  }

  /// The operations on one lane in plain C.
  static func plain(_ shorts: Set<CShortFormat>) -> String {
    CShortFormat.allCases.filter { shorts.contains($0) }.map { format in
      let name = format.rawValue
      return """
        #define v_load_\(name)(p, n)      ((n) >= 1 ? from_\(name)(*(p)) : 0.0f)
        #define v_store_\(name)(p, a, n)  ((n) >= 1 ? (void)(*(p) = to_\(name)(a)) : (void)0)
        #define v_stream_\(name)(p, a)    ((void)(*(p) = to_\(name)(a)))

        """
    }.joined()
  }

  /// The macros that a reading with vectors defines.
  static func macros(_ shorts: Set<CShortFormat>) -> [String] {
    CShortFormat.allCases.filter { shorts.contains($0) }.flatMap { format in
      ["load", "store", "stream"].map { "v_\($0)_\(format.rawValue)" }
    }
  }

  /// Whether the processor converts float16, for files that use it: AVX2 does not imply it.
  static let hasF16C = #"""
    /** `true` iff the processor converts float16. */
    HELPER bool has_f16c(void) {
      unsigned a, b, c, d;
      return __get_cpuid(1, &a, &b, &c, &d) && (c & bit_F16C) != 0;
    }

    """#
}

// AVX-512
extension PreludeShorts {
  private static let loads512 = #"""
    INLINE __m256i NAME(load_short)(const uint16_t *p, int n) {
      return n >= 16 ? _mm256_loadu_si256((const __m256i *)(const void *)p)
                     : _mm256_maskz_loadu_epi16(v_first(n), p);
    }
    INLINE void NAME(store_short)(uint16_t *p, __m256i a, int n) {
      if (n >= 16) {
        _mm256_storeu_si256((__m256i *)(void *)p, a);
      } else {
        _mm256_mask_storeu_epi16(p, v_first(n), a);
      }
    }

    """#

  private static func avx512(_ format: CShortFormat) -> String {
    let name = format.rawValue
    let conversions =
      switch format {
      case .bfloat16: bfloat16OfAVX512
      case .float16: float16OfAVX512
      }
    return #"""
      \#(conversions)
      #define v_load_\#(name)(p, n)      NAME(widen_\#(name))(NAME(load_short)(p, n))
      #define v_store_\#(name)(p, a, n)  NAME(store_short)(p, NAME(round_\#(name))(a), n)
      #define v_stream_\#(name)(p, a)    \
        _mm256_stream_si256((__m256i *)(void *)(p), NAME(round_\#(name))(a))

      """#
  }

  private static let bfloat16OfAVX512 = #"""
    /* Words are moved by their numbers: the upper halves of 16 floats are the odd ones. */
    INLINE lanes NAME(widen_bf16)(__m256i a) {
      const __m512i each =
          _mm512_setr_epi32(0, 0x10000, 0x20000, 0x30000, 0x40000, 0x50000, 0x60000, 0x70000,
                            0x80000, 0x90000, 0xa0000, 0xb0000, 0xc0000, 0xd0000, 0xe0000, 0xf0000);
      const __mmask32 upper = 0xaaaaaaaau;
      return _mm512_castsi512_ps(
          _mm512_maskz_permutexvar_epi16(upper, each, _mm512_castsi256_si512(a)));
    }
    INLINE __m256i NAME(round_bf16)(lanes a) {
      const __m512i upper =
          _mm512_setr_epi32(0x30001, 0x70005, 0xb0009, 0xf000d, 0x130011, 0x170015, 0x1b0019,
                            0x1f001d, 0, 0, 0, 0, 0, 0, 0, 0);
      const __m512i bits = _mm512_castps_si512(a), below = _mm512_set1_epi32(0x7fff);
      const __mmask16 odd = _mm512_test_epi32_mask(bits, _mm512_set1_epi32(0x10000));
      const __mmask16 nan = _mm512_cmp_ps_mask(a, a, _CMP_UNORD_Q);
      __m512i nearest = _mm512_add_epi32(bits, below);
      nearest = _mm512_mask_add_epi32(nearest, odd, bits, _mm512_set1_epi32(0x8000));
      nearest = _mm512_mask_or_epi32(nearest, nan, bits, _mm512_set1_epi32(0x400000));
      return _mm512_castsi512_si256(_mm512_permutexvar_epi16(upper, nearest));
    }
    """#

  private static let float16OfAVX512 = #"""
    INLINE lanes NAME(widen_f16)(__m256i a) { return _mm512_cvtph_ps(a); }
    INLINE __m256i NAME(round_f16)(lanes a) { /* gcc warns of its own form without a mask */
      return _mm512_maskz_cvtps_ph(0xffff, a, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
    }
    """#
}

// AVX2
extension PreludeShorts {
  private static let loads256 = #"""
    INLINE __m128i NAME(load_short)(const uint16_t *p, int n) {
      if (n >= 8) return _mm_loadu_si128((const __m128i *)(const void *)p);
      uint16_t first[8] = {0};
      for (int i = 0; i < 8 && i < n; i++) first[i] = p[i];
      return _mm_loadu_si128((const __m128i *)(const void *)first);
    }
    INLINE void NAME(store_short)(uint16_t *p, __m128i a, int n) {
      if (n >= 8) {
        _mm_storeu_si128((__m128i *)(void *)p, a);
      } else {
        uint16_t all[8];
        _mm_storeu_si128((__m128i *)(void *)all, a);
        for (int i = 0; i < 8 && i < n; i++) p[i] = all[i];
      }
    }

    """#

  private static func avx2(_ format: CShortFormat) -> String {
    let name = format.rawValue
    let conversions =
      switch format {
      case .bfloat16: bfloat16OfAVX2
      case .float16: float16OfAVX2
      }
    return #"""
      \#(conversions)
      #define v_load_\#(name)(p, n)      NAME(widen_\#(name))(NAME(load_short)(p, n))
      #define v_store_\#(name)(p, a, n)  NAME(store_short)(p, NAME(round_\#(name))(a), n)
      #define v_stream_\#(name)(p, a)    \
        _mm_stream_si128((__m128i *)(void *)(p), NAME(round_\#(name))(a))

      """#
  }

  private static let bfloat16OfAVX2 = #"""
    INLINE lanes NAME(widen_bf16)(__m128i a) {
      const __m256i each = /* a negative index gives 0 */
          _mm256_setr_epi8(-1, -1, 0, 1, -1, -1, 2, 3, -1, -1, 4, 5, -1, -1, 6, 7,
                           -1, -1, 8, 9, -1, -1, 10, 11, -1, -1, 12, 13, -1, -1, 14, 15);
      return _mm256_castsi256_ps(_mm256_shuffle_epi8(_mm256_broadcastsi128_si256(a), each));
    }
    INLINE __m128i NAME(round_bf16)(lanes a) {
      const __m256i bits = _mm256_castps_si256(a), upper = _mm256_srli_epi32(bits, 16);
      const __m256i odd = _mm256_and_si256(upper, _mm256_set1_epi32(1));
      const __m256i more = _mm256_add_epi32(odd, _mm256_set1_epi32(0x7fff));
      const __m256i nearest = _mm256_srli_epi32(_mm256_add_epi32(bits, more), 16);
      const __m256i quiet = _mm256_or_si256(upper, _mm256_set1_epi32(0x40));
      const __m256i nan = _mm256_castps_si256(_mm256_cmp_ps(a, a, _CMP_UNORD_Q));
      const __m256i chosen = _mm256_blendv_epi8(nearest, quiet, nan);
      return _mm_packus_epi32(_mm256_castsi256_si128(chosen), _mm256_extracti128_si256(chosen, 1));
    }
    """#

  private static let float16OfAVX2 = #"""
    INLINE lanes NAME(widen_f16)(__m128i a) { return _mm256_cvtph_ps(a); }
    INLINE __m128i NAME(round_f16)(lanes a) {
      return _mm256_cvtps_ph(a, _MM_FROUND_TO_NEAREST_INT);
    }
    """#
}

/// A format of numbers of 16 bits; the raw value stands in the names of operations.
package enum CShortFormat: String, Hashable, CaseIterable, Sendable {
  case bfloat16 = "bf16"
  case float16 = "f16"
}
