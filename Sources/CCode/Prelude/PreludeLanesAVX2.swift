extension PreludeLanes {
  static let avx2Float32 = #"""
    #define lanes                __m256
    #define v_count()            _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7)
    #define v_first(n)           _mm256_cmpgt_epi32(_mm256_set1_epi32(n), v_count())
    #define v_zero()             _mm256_setzero_ps()
    #define v_splat(a)           _mm256_set1_ps(a)
    #define v_load(p, n)         ((n) >= 8 ? _mm256_loadu_ps(p) : _mm256_maskload_ps(p, v_first(n)))
    #define v_store(p, a, n)     ((n) >= 8 ? _mm256_storeu_ps(p, a) \
                                           : _mm256_maskstore_ps(p, v_first(n), a))
    #define v_stream(p, a)       _mm256_stream_ps(p, a)
    #define v_keep(a, n)         \
      ((n) >= 8 ? (a) : _mm256_and_ps(_mm256_castsi256_ps(v_first(n)), a))
    #define v_take(new, old, n)  \
      ((n) >= 8 ? (new) : _mm256_blendv_ps(old, new, _mm256_castsi256_ps(v_first(n))))
    #define v_add(a, b)          _mm256_add_ps(a, b)
    #define v_sub(a, b)          _mm256_sub_ps(a, b)
    #define v_mul(a, b)          _mm256_mul_ps(a, b)
    #define v_div(a, b)          _mm256_div_ps(a, b)
    #define v_fma(a, b, c)       _mm256_fmadd_ps(a, b, c)
    #define v_fnma(a, b, c)      _mm256_fnmadd_ps(a, b, c)
    #define v_fms(a, b, c)       _mm256_fmsub_ps(a, b, c)
    #define v_sqrt(a)            _mm256_sqrt_ps(a)
    #define v_floor(a)           _mm256_floor_ps(a)
    #define v_neg(a)             _mm256_xor_ps(a, v_splat(-0.0f))
    #define v_abs(a)             _mm256_andnot_ps(v_splat(-0.0f), a)
    #define v_sum(a)             NAME(sum_of_lanes)(a)
    #define v_number(a)          _mm256_cvtss_f32(a)
    #define v_down(a, h)         \
      ((h) == 4 ? _mm256_permute2f128_ps(a, a, 1) \
       : (h) == 2 ? _mm256_permute_ps(a, 0x4e) : _mm256_permute_ps(a, 0xb1))
    #define v_prefetch(p)        _mm_prefetch((const char *)(p), _MM_HINT_T0)
    #define v_prefetch_write(p)  __builtin_prefetch(p, 1)
    #define v_fence()            _mm_sfence()
    #define v_quads(p, apart)    NAME(load_quads)(p, apart)
    #define v_store_quads(p, apart, a) NAME(store_quads)(p, apart, a)
    #define v_mix_low(a, b)      _mm256_unpacklo_ps(a, b)
    #define v_mix_high(a, b)     _mm256_unpackhi_ps(a, b)
    #define v_pair_low(a, b)     _mm256_shuffle_ps(a, b, 0x44)
    #define v_pair_high(a, b)    _mm256_shuffle_ps(a, b, 0xee)
    #define v_even(a, b)         _mm256_shuffle_ps(a, b, 0x88)
    #define v_odd(a, b)          _mm256_shuffle_ps(a, b, 0xdd)
    #define v_low_halves(a, b)   _mm256_permute2f128_ps(a, b, 0x20)
    #define v_high_halves(a, b)  _mm256_permute2f128_ps(a, b, 0x31)
    #define v_even_quads(a, b)   _mm256_permute2f128_ps(a, b, 0x20)
    #define v_odd_quads(a, b)    _mm256_permute2f128_ps(a, b, 0x31)
    INLINE lanes NAME(load_quads)(const float *p, size_t apart) {
      const lanes a = _mm256_castps128_ps256(_mm_loadu_ps(p));
      return _mm256_insertf128_ps(a, _mm_loadu_ps(p + 4 * apart), 1);
    }
    INLINE void NAME(store_quads)(float *p, size_t apart, lanes a) {
      _mm_storeu_ps(p, _mm256_castps256_ps128(a));
      _mm_storeu_ps(p + 4 * apart, _mm256_extractf128_ps(a, 1));
    }
    INLINE float NAME(sum_of_lanes)(lanes b) {
      const __m128 c = _mm_add_ps(_mm256_castps256_ps128(b), _mm256_extractf128_ps(b, 1));
      const __m128 d = _mm_add_ps(c, _mm_movehl_ps(c, c));
      return _mm_cvtss_f32(_mm_add_ss(d, _mm_movehdup_ps(d)));
    }

    #define masks                __m256 /* all bits of a lane, or none */
    #define m_lt(a, b)           _mm256_cmp_ps(a, b, _CMP_LT_OQ)
    #define m_le(a, b)           _mm256_cmp_ps(a, b, _CMP_LE_OQ)
    #define m_eq(a, b)           _mm256_cmp_ps(a, b, _CMP_EQ_OQ)
    #define m_ne(a, b)           _mm256_cmp_ps(a, b, _CMP_NEQ_UQ)
    #define m_and(a, b)          _mm256_and_ps(a, b)
    #define m_or(a, b)           _mm256_or_ps(a, b)
    #define m_not(a)             _mm256_xor_ps(a, m_splat(true))
    #define m_splat(a)           _mm256_castsi256_ps(_mm256_set1_epi32((a) ? -1 : 0))
    #define m_load(p, n)         NAME(nonzero)(p, n)
    #define v_select(m, a, b)    _mm256_blendv_ps(b, a, m)
    #define v_lesser(a, b)       _mm256_min_ps(a, b) /* a < b ? a : b: with NaN, b */
    #define v_greater(a, b)      _mm256_max_ps(a, b) /* a > b ? a : b: with NaN, b */
    INLINE masks NAME(nonzero)(const uint8_t *p, int n) {
      uint64_t bytes = 0;
      for (int i = 0; i < 8 && i < n; i++) bytes |= (uint64_t)p[i] << (8 * i);
      const __m256i wider = _mm256_cvtepu8_epi32(_mm_set_epi64x(0, (long long)bytes));
      return _mm256_castsi256_ps(_mm256_cmpgt_epi32(wider, _mm256_setzero_si256()));
    }

    #define ints                 __m256i
    #define i_splat(k)           _mm256_set1_epi32(k)
    #define i_add(a, b)          _mm256_add_epi32(a, b)
    #define i_sub(a, b)          _mm256_sub_epi32(a, b)
    #define i_mul(a, b)          _mm256_mullo_epi32(a, b)
    #define i_and(a, b)          _mm256_and_si256(a, b)
    #define i_or(a, b)           _mm256_or_si256(a, b)
    #define i_xor(a, b)          _mm256_xor_si256(a, b)
    #define i_shl(a, k)          _mm256_slli_epi32(a, k)
    #define i_shr(a, k)          _mm256_srli_epi32(a, k)
    #define i_sar(a, k)          _mm256_srai_epi32(a, k)
    #define i_lt(a, b)           _mm256_castsi256_ps(_mm256_cmpgt_epi32(b, a))
    #define i_le(a, b)           m_not(i_lt(b, a))
    #define i_eq(a, b)           _mm256_castsi256_ps(_mm256_cmpeq_epi32(a, b))
    #define i_ne(a, b)           m_not(i_eq(a, b))
    #define i_select(m, a, b)    _mm256_blendv_epi8(b, a, _mm256_castps_si256(m))
    #define v_bits(a)            _mm256_castps_si256(a)
    #define v_from_bits(a)       _mm256_castsi256_ps(a)
    #define v_to_int(a)          _mm256_cvttps_epi32(a)
    #define v_from_int(a)        _mm256_cvtepi32_ps(a)
    #define v_scale(a, k)        NAME(times_power)(a, k)

    #define half                 __m256d
    #define h_splat(a)           _mm256_set1_pd(a)
    #define h_load(p)            _mm256_loadu_pd(p)
    #define h_store(p, a)        _mm256_storeu_pd(p, a)
    #define h_add(a, b)          _mm256_add_pd(a, b)
    #define h_sub(a, b)          _mm256_sub_pd(a, b)
    #define h_mul(a, b)          _mm256_mul_pd(a, b)
    #define h_div(a, b)          _mm256_div_pd(a, b)
    #define h_fma(a, b, c)       _mm256_fmadd_pd(a, b, c)
    #define h_widen_low(a)       _mm256_cvtps_pd(_mm256_castps256_ps128(a))
    #define h_widen_high(a)      _mm256_cvtps_pd(_mm256_extractf128_ps(a, 1))
    #define h_round(a, b)        _mm256_set_m128(_mm256_cvtpd_ps(b), _mm256_cvtpd_ps(a))

    """#

  static let avx2Float64 = #"""
    #define lanes                __m256d
    #define v_count()            _mm256_setr_epi64x(0, 1, 2, 3)
    #define v_first(n)           _mm256_cmpgt_epi64(_mm256_set1_epi64x(n), v_count())
    #define v_zero()             _mm256_setzero_pd()
    #define v_splat(a)           _mm256_set1_pd(a)
    #define v_load(p, n)         ((n) >= 4 ? _mm256_loadu_pd(p) : _mm256_maskload_pd(p, v_first(n)))
    #define v_store(p, a, n)     ((n) >= 4 ? _mm256_storeu_pd(p, a) \
                                           : _mm256_maskstore_pd(p, v_first(n), a))
    #define v_stream(p, a)       _mm256_stream_pd(p, a)
    #define v_keep(a, n)         \
      ((n) >= 4 ? (a) : _mm256_and_pd(_mm256_castsi256_pd(v_first(n)), a))
    #define v_take(new, old, n)  \
      ((n) >= 4 ? (new) : _mm256_blendv_pd(old, new, _mm256_castsi256_pd(v_first(n))))
    #define v_add(a, b)          _mm256_add_pd(a, b)
    #define v_sub(a, b)          _mm256_sub_pd(a, b)
    #define v_mul(a, b)          _mm256_mul_pd(a, b)
    #define v_div(a, b)          _mm256_div_pd(a, b)
    #define v_fma(a, b, c)       _mm256_fmadd_pd(a, b, c)
    #define v_fnma(a, b, c)      _mm256_fnmadd_pd(a, b, c)
    #define v_fms(a, b, c)       _mm256_fmsub_pd(a, b, c)
    #define v_sqrt(a)            _mm256_sqrt_pd(a)
    #define v_floor(a)           _mm256_floor_pd(a)
    #define v_neg(a)             _mm256_xor_pd(a, v_splat(-0.0))
    #define v_abs(a)             _mm256_andnot_pd(v_splat(-0.0), a)
    #define v_sum(a)             NAME(sum_of_lanes)(a)
    #define v_number(a)          _mm256_cvtsd_f64(a)
    #define v_down(a, h)         \
      ((h) == 2 ? _mm256_permute2f128_pd(a, a, 1) : _mm256_permute_pd(a, 5))
    #define v_prefetch(p)        _mm_prefetch((const char *)(p), _MM_HINT_T0)
    #define v_prefetch_write(p)  __builtin_prefetch(p, 1)
    #define v_fence()            _mm_sfence()
    INLINE double NAME(sum_of_lanes)(lanes b) {
      const __m128d c = _mm_add_pd(_mm256_castpd256_pd128(b), _mm256_extractf128_pd(b, 1));
      return _mm_cvtsd_f64(_mm_add_sd(c, _mm_unpackhi_pd(c, c)));
    }

    #define masks                __m256d /* all bits of a lane, or none */
    #define m_lt(a, b)           _mm256_cmp_pd(a, b, _CMP_LT_OQ)
    #define m_le(a, b)           _mm256_cmp_pd(a, b, _CMP_LE_OQ)
    #define m_eq(a, b)           _mm256_cmp_pd(a, b, _CMP_EQ_OQ)
    #define m_ne(a, b)           _mm256_cmp_pd(a, b, _CMP_NEQ_UQ)
    #define m_and(a, b)          _mm256_and_pd(a, b)
    #define m_or(a, b)           _mm256_or_pd(a, b)
    #define m_not(a)             _mm256_xor_pd(a, m_splat(true))
    #define m_splat(a)           _mm256_castsi256_pd(_mm256_set1_epi64x((a) ? -1 : 0))
    #define m_load(p, n)         NAME(nonzero)(p, n)
    #define v_select(m, a, b)    _mm256_blendv_pd(b, a, m)
    #define v_lesser(a, b)       _mm256_min_pd(a, b) /* a < b ? a : b: with NaN, b */
    #define v_greater(a, b)      _mm256_max_pd(a, b) /* a > b ? a : b: with NaN, b */
    INLINE masks NAME(nonzero)(const uint8_t *p, int n) {
      uint32_t bytes = 0;
      for (int i = 0; i < 4 && i < n; i++) bytes |= (uint32_t)p[i] << (8 * i);
      const __m256i wider = _mm256_cvtepu8_epi64(_mm_cvtsi32_si128((int)bytes));
      return _mm256_castsi256_pd(_mm256_cmpgt_epi64(wider, _mm256_setzero_si256()));
    }

    #define ints                 __m256i
    #define i_splat(k)           _mm256_set1_epi64x(k)
    #define i_add(a, b)          _mm256_add_epi64(a, b)
    #define i_sub(a, b)          _mm256_sub_epi64(a, b)
    #define i_mul(a, b)          NAME(product)(a, b)
    #define i_and(a, b)          _mm256_and_si256(a, b)
    #define i_or(a, b)           _mm256_or_si256(a, b)
    #define i_xor(a, b)          _mm256_xor_si256(a, b)
    #define i_shl(a, k)          _mm256_slli_epi64(a, k)
    #define i_shr(a, k)          _mm256_srli_epi64(a, k)
    #define i_sar(a, k)          /* the sign turns its bit, and takes the bit's new place away */ \
      i_sub(i_shr(i_xor(a, i_splat(INT64_MIN)), k), i_shr(i_splat(INT64_MIN), k))
    #define i_lt(a, b)           _mm256_castsi256_pd(_mm256_cmpgt_epi64(b, a))
    #define i_le(a, b)           m_not(i_lt(b, a))
    #define i_eq(a, b)           _mm256_castsi256_pd(_mm256_cmpeq_epi64(a, b))
    #define i_ne(a, b)           m_not(i_eq(a, b))
    #define i_select(m, a, b)    _mm256_blendv_epi8(b, a, _mm256_castpd_si256(m))
    #define v_bits(a)            _mm256_castpd_si256(a)
    #define v_from_bits(a)       _mm256_castsi256_pd(a)
    #define v_to_int(a)          NAME(truncated)(a)
    #define v_from_int(a)        NAME(converted)(a)
    #define v_scale(a, k)        NAME(times_power)(a, k)
    /** a * b: AVX2 multiplies 32 bits only. */
    INLINE ints NAME(product)(ints a, ints b) {
      const ints crossed = _mm256_mullo_epi32(a, _mm256_shuffle_epi32(b, 0xb1));
      const ints high = _mm256_add_epi32(crossed, i_shr(crossed, 32));
      return i_add(_mm256_mul_epu32(a, b), i_shl(high, 32));
    }
    /** a as an integer, by halves of 32 bits: 1.5 * 2^52 more puts each into the low bits. */
    INLINE ints NAME(truncated)(lanes a) {
      const lanes whole = _mm256_round_pd(a, _MM_FROUND_TO_ZERO | _MM_FROUND_NO_EXC);
      const lanes high = v_floor(v_mul(whole, v_splat(0x1p-32)));
      const lanes low = v_fnma(high, v_splat(0x1p32), whole), shift = v_splat(0x1.8p52);
      const ints high_bits = i_sub(v_bits(v_add(high, shift)), v_bits(shift));
      const ints low_bits = i_sub(v_bits(v_add(low, shift)), v_bits(shift));
      return i_add(i_shl(high_bits, 32), low_bits);
    }
    /** a as a number, by halves of 32 bits, which become the low bits of 2^52; one rounding. */
    INLINE lanes NAME(converted)(ints a) {
      const ints shift = v_bits(v_splat(0x1p52)), sign = i_splat(0x80000000);
      const ints high_bits = i_or(i_xor(i_shr(a, 32), sign), shift);
      const ints low_bits = i_or(i_and(a, i_splat(0xffffffff)), shift);
      const lanes high = v_sub(v_from_bits(high_bits), v_splat(0x1p52 + 0x1p31));
      return v_fma(high, v_splat(0x1p32), v_sub(v_from_bits(low_bits), v_splat(0x1p52)));
    }

    """#
}
