extension PreludeLanes {
  static let avx512Float32 = #"""
    #define lanes                __m512
    #define v_count()            \
      _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)
    #define v_first(n)           _mm512_cmpgt_epi32_mask(_mm512_set1_epi32(n), v_count())
    #define v_zero()             _mm512_setzero_ps()
    #define v_splat(a)           _mm512_set1_ps(a)
    #define v_load(p, n)         ((n) >= 16 ? _mm512_loadu_ps(p) : NAME(load_first)(p, n))
    #define v_store(p, a, n)     ((n) >= 16 ? _mm512_storeu_ps(p, a) \
                                            : _mm512_mask_storeu_ps(p, v_first(n), a))
    #define v_stream(p, a)       _mm512_stream_ps(p, a)
    #define v_keep(a, n)         ((n) >= 16 ? (a) : _mm512_maskz_mov_ps(v_first(n), a))
    #define v_take(new, old, n)  ((n) >= 16 ? (new) : _mm512_mask_mov_ps(old, v_first(n), new))
    #define v_add(a, b)          _mm512_add_ps(a, b)
    #define v_sub(a, b)          _mm512_sub_ps(a, b)
    #define v_mul(a, b)          _mm512_mul_ps(a, b)
    #define v_div(a, b)          _mm512_div_ps(a, b)
    #define v_fma(a, b, c)       _mm512_fmadd_ps(a, b, c)  /* a * b + c, rounded once */
    #define v_fnma(a, b, c)      _mm512_fnmadd_ps(a, b, c) /* c - a * b, rounded once */
    #define v_fms(a, b, c)       _mm512_fmsub_ps(a, b, c)  /* a * b - c, rounded once */
    #define v_sqrt(a)            _mm512_sqrt_ps(a)
    #define v_floor(a)           _mm512_floor_ps(a)
    #define v_neg(a)             _mm512_xor_ps(a, v_splat(-0.0f))
    #define v_abs(a)             _mm512_andnot_ps(v_splat(-0.0f), a)
    #define v_sum(a)             NAME(sum_of_lanes)(a) /* lanes +8, +4, +2, +1 */
    #define v_number(a)          _mm512_cvtss_f32(a) /* the first lane */
    #define v_down(a, h)         /* lane i is lane i + h of a, for i < h */ \
      ((h) == 8 ? _mm512_shuffle_f32x4(a, a, 0x4e) : (h) == 4 ? _mm512_shuffle_f32x4(a, a, 0xb1) \
       : (h) == 2 ? _mm512_permute_ps(a, 0x4e) : _mm512_permute_ps(a, 0xb1))
    #define v_prefetch(p)        _mm_prefetch((const char *)(p), _MM_HINT_T0)
    #define v_prefetch_write(p)  __builtin_prefetch(p, 1) /* to own it; may do nothing */
    #define v_fence()            _mm_sfence()
    #define v_quads(p, apart)    NAME(load_quads)(p, apart) /* 4 of each of rows 0, 4, 8, 12 */
    #define v_store_quads(p, apart, a) NAME(store_quads)(p, apart, a)
    #define v_mix_low(a, b)      _mm512_unpacklo_ps(a, b) /* of 4 lanes: a0, b0, a1, b1 */
    #define v_mix_high(a, b)     _mm512_unpackhi_ps(a, b) /* a2, b2, a3, b3 */
    #define v_pair_low(a, b)     _mm512_shuffle_ps(a, b, 0x44) /* a0, a1, b0, b1 */
    #define v_pair_high(a, b)    _mm512_shuffle_ps(a, b, 0xee) /* a2, a3, b2, b3 */
    #define v_even(a, b)         _mm512_shuffle_ps(a, b, 0x88) /* a0, a2, b0, b2 */
    #define v_odd(a, b)          _mm512_shuffle_ps(a, b, 0xdd) /* a1, a3, b1, b3 */
    #define v_low_halves(a, b)   _mm512_shuffle_f32x4(a, b, 0x44)
    #define v_high_halves(a, b)  _mm512_shuffle_f32x4(a, b, 0xee)
    #define v_even_quads(a, b)   _mm512_shuffle_f32x4(a, b, 0x88)
    #define v_odd_quads(a, b)    _mm512_shuffle_f32x4(a, b, 0xdd)
    /* A load of 64 bytes mostly takes two cache lines, whatever its mask leaves out. */
    INLINE lanes NAME(load_first)(const float *p, int n) {
      return n > 4 ? _mm512_maskz_loadu_ps(v_first(n), p)
                   : _mm512_zextps128_ps512(_mm_maskz_loadu_ps((__mmask8)v_first(n), p));
    }
    INLINE lanes NAME(load_quads)(const float *p, size_t apart) {
      const lanes a = _mm512_castps128_ps512(_mm_loadu_ps(p));
      const lanes b = _mm512_insertf32x4(a, _mm_loadu_ps(p + 4 * apart), 1);
      const lanes c = _mm512_insertf32x4(b, _mm_loadu_ps(p + 8 * apart), 2);
      return _mm512_insertf32x4(c, _mm_loadu_ps(p + 12 * apart), 3);
    }
    INLINE void NAME(store_quads)(float *p, size_t apart, lanes a) {
      _mm_storeu_ps(p, _mm512_castps512_ps128(a));
      _mm_storeu_ps(p + 4 * apart, _mm512_extractf32x4_ps(a, 1));
      _mm_storeu_ps(p + 8 * apart, _mm512_extractf32x4_ps(a, 2));
      _mm_storeu_ps(p + 12 * apart, _mm512_extractf32x4_ps(a, 3));
    }
    INLINE float NAME(sum_of_lanes)(lanes a) {
      const __m256 b = _mm256_add_ps(_mm512_castps512_ps256(a), _mm512_extractf32x8_ps(a, 1));
      const __m128 c = _mm_add_ps(_mm256_castps256_ps128(b), _mm256_extractf128_ps(b, 1));
      const __m128 d = _mm_add_ps(c, _mm_movehl_ps(c, c));
      return _mm_cvtss_f32(_mm_add_ss(d, _mm_movehdup_ps(d)));
    }

    /* LANES conditions: with NaN all comparisons but m_ne are false. */
    #define masks                __mmask16
    #define m_lt(a, b)           _mm512_cmp_ps_mask(a, b, _CMP_LT_OQ)
    #define m_le(a, b)           _mm512_cmp_ps_mask(a, b, _CMP_LE_OQ)
    #define m_eq(a, b)           _mm512_cmp_ps_mask(a, b, _CMP_EQ_OQ)
    #define m_ne(a, b)           _mm512_cmp_ps_mask(a, b, _CMP_NEQ_UQ)
    #define m_and(a, b)          ((masks)((a) & (b)))
    #define m_or(a, b)           ((masks)((a) | (b)))
    #define m_not(a)             ((masks)~(a))
    #define m_splat(a)           ((masks)((a) ? 0xffff : 0))
    #define m_load(p, n)         NAME(nonzero)(p, v_first(n)) /* bytes that are not 0 */
    #define v_select(m, a, b)    _mm512_mask_mov_ps(b, m, a)
    #define v_lesser(a, b)       _mm512_min_ps(a, b) /* a < b ? a : b: with NaN, b */
    #define v_greater(a, b)      _mm512_max_ps(a, b) /* a > b ? a : b: with NaN, b */
    INLINE masks NAME(nonzero)(const uint8_t *p, masks live) {
      const __m128i bytes = _mm_maskz_loadu_epi8(live, p);
      return _mm_test_epi8_mask(bytes, bytes);
    }

    /* LANES integers as wide as the numbers: they wrap around; shifts are by a constant. */
    #define ints                 __m512i
    #define i_splat(k)           _mm512_set1_epi32(k)
    #define i_add(a, b)          _mm512_add_epi32(a, b)
    #define i_sub(a, b)          _mm512_sub_epi32(a, b)
    #define i_mul(a, b)          _mm512_mullo_epi32(a, b)
    #define i_and(a, b)          _mm512_and_si512(a, b)
    #define i_or(a, b)           _mm512_or_si512(a, b)
    #define i_xor(a, b)          _mm512_xor_si512(a, b)
    #define i_shl(a, k)          _mm512_slli_epi32(a, k)
    #define i_shr(a, k)          _mm512_srli_epi32(a, k) /* fills with zeros */
    #define i_sar(a, k)          _mm512_srai_epi32(a, k) /* fills with the sign */
    #define i_lt(a, b)           _mm512_cmplt_epi32_mask(a, b)
    #define i_le(a, b)           _mm512_cmple_epi32_mask(a, b)
    #define i_eq(a, b)           _mm512_cmpeq_epi32_mask(a, b)
    #define i_ne(a, b)           _mm512_cmpneq_epi32_mask(a, b)
    #define i_select(m, a, b)    _mm512_mask_mov_epi32(b, m, a)
    #define v_bits(a)            _mm512_castps_si512(a)
    #define v_from_bits(a)       _mm512_castsi512_ps(a)
    #define v_to_int(a)          _mm512_cvttps_epi32(a) /* towards zero */
    #define v_from_int(a)        _mm512_cvtepi32_ps(a)
    #define v_scale(a, k)        _mm512_scalef_ps(a, k) /* a 2^k, rounded once, for whole k */

    #define half                 __m512d
    #define h_splat(a)           _mm512_set1_pd(a)
    #define h_load(p)            _mm512_loadu_pd(p)
    #define h_store(p, a)        _mm512_storeu_pd(p, a)
    #define h_add(a, b)          _mm512_add_pd(a, b)
    #define h_sub(a, b)          _mm512_sub_pd(a, b)
    #define h_mul(a, b)          _mm512_mul_pd(a, b)
    #define h_div(a, b)          _mm512_div_pd(a, b)
    #define h_fma(a, b, c)       _mm512_fmadd_pd(a, b, c)
    #define h_widen_low(a)       _mm512_cvtps_pd(_mm512_castps512_ps256(a))
    #define h_widen_high(a)      _mm512_cvtps_pd(_mm512_extractf32x8_ps(a, 1))
    #define h_round(a, b)        _mm512_insertf32x8(_mm512_castps256_ps512(_mm512_cvtpd_ps(a)), \
                                                    _mm512_cvtpd_ps(b), 1)

    """#

  static let avx512Float64 = #"""
    #define lanes                __m512d
    #define v_count()            _mm512_setr_epi64(0, 1, 2, 3, 4, 5, 6, 7)
    #define v_first(n)           _mm512_cmpgt_epi64_mask(_mm512_set1_epi64(n), v_count())
    #define v_zero()             _mm512_setzero_pd()
    #define v_splat(a)           _mm512_set1_pd(a)
    #define v_load(p, n)         ((n) >= 8 ? _mm512_loadu_pd(p) : NAME(load_first)(p, n))
    #define v_store(p, a, n)     ((n) >= 8 ? _mm512_storeu_pd(p, a) \
                                           : _mm512_mask_storeu_pd(p, v_first(n), a))
    #define v_stream(p, a)       _mm512_stream_pd(p, a)
    #define v_keep(a, n)         ((n) >= 8 ? (a) : _mm512_maskz_mov_pd(v_first(n), a))
    #define v_take(new, old, n)  ((n) >= 8 ? (new) : _mm512_mask_mov_pd(old, v_first(n), new))
    #define v_add(a, b)          _mm512_add_pd(a, b)
    #define v_sub(a, b)          _mm512_sub_pd(a, b)
    #define v_mul(a, b)          _mm512_mul_pd(a, b)
    #define v_div(a, b)          _mm512_div_pd(a, b)
    #define v_fma(a, b, c)       _mm512_fmadd_pd(a, b, c)  /* a * b + c, rounded once */
    #define v_fnma(a, b, c)      _mm512_fnmadd_pd(a, b, c) /* c - a * b, rounded once */
    #define v_fms(a, b, c)       _mm512_fmsub_pd(a, b, c)  /* a * b - c, rounded once */
    #define v_sqrt(a)            _mm512_sqrt_pd(a)
    #define v_floor(a)           _mm512_floor_pd(a)
    #define v_neg(a)             _mm512_xor_pd(a, v_splat(-0.0))
    #define v_abs(a)             _mm512_andnot_pd(v_splat(-0.0), a)
    #define v_sum(a)             NAME(sum_of_lanes)(a) /* lanes +4, +2, +1 */
    #define v_number(a)          _mm512_cvtsd_f64(a) /* the first lane */
    #define v_down(a, h)         /* lane i is lane i + h of a, for i < h */ \
      ((h) == 4 ? _mm512_shuffle_f64x2(a, a, 0x4e) : (h) == 2 ? _mm512_shuffle_f64x2(a, a, 0xb1) \
       : _mm512_permute_pd(a, 0x55))
    #define v_prefetch(p)        _mm_prefetch((const char *)(p), _MM_HINT_T0)
    #define v_prefetch_write(p)  __builtin_prefetch(p, 1) /* to own it; may do nothing */
    #define v_fence()            _mm_sfence()
    /* A load of 64 bytes mostly takes two cache lines, whatever its mask leaves out. */
    INLINE lanes NAME(load_first)(const double *p, int n) {
      return n > 2 ? _mm512_maskz_loadu_pd(v_first(n), p)
                   : _mm512_zextpd128_pd512(_mm_maskz_loadu_pd(v_first(n), p));
    }
    INLINE double NAME(sum_of_lanes)(lanes a) {
      const __m256d b = _mm256_add_pd(_mm512_castpd512_pd256(a), _mm512_extractf64x4_pd(a, 1));
      const __m128d c = _mm_add_pd(_mm256_castpd256_pd128(b), _mm256_extractf128_pd(b, 1));
      return _mm_cvtsd_f64(_mm_add_sd(c, _mm_unpackhi_pd(c, c)));
    }

    /* LANES conditions: with NaN all comparisons but m_ne are false. */
    #define masks                __mmask8
    #define m_lt(a, b)           _mm512_cmp_pd_mask(a, b, _CMP_LT_OQ)
    #define m_le(a, b)           _mm512_cmp_pd_mask(a, b, _CMP_LE_OQ)
    #define m_eq(a, b)           _mm512_cmp_pd_mask(a, b, _CMP_EQ_OQ)
    #define m_ne(a, b)           _mm512_cmp_pd_mask(a, b, _CMP_NEQ_UQ)
    #define m_and(a, b)          ((masks)((a) & (b)))
    #define m_or(a, b)           ((masks)((a) | (b)))
    #define m_not(a)             ((masks)~(a))
    #define m_splat(a)           ((masks)((a) ? 0xff : 0))
    #define m_load(p, n)         NAME(nonzero)(p, v_first(n)) /* bytes that are not 0 */
    #define v_select(m, a, b)    _mm512_mask_mov_pd(b, m, a)
    #define v_lesser(a, b)       _mm512_min_pd(a, b) /* a < b ? a : b: with NaN, b */
    #define v_greater(a, b)      _mm512_max_pd(a, b) /* a > b ? a : b: with NaN, b */
    INLINE masks NAME(nonzero)(const uint8_t *p, masks live) {
      const __m128i bytes = _mm_maskz_loadu_epi8(live, p);
      return (masks)_mm_test_epi8_mask(bytes, bytes);
    }

    /* LANES integers as wide as the numbers: they wrap around; shifts are by a constant. */
    #define ints                 __m512i
    #define i_splat(k)           _mm512_set1_epi64(k)
    #define i_add(a, b)          _mm512_add_epi64(a, b)
    #define i_sub(a, b)          _mm512_sub_epi64(a, b)
    #define i_mul(a, b)          _mm512_mullo_epi64(a, b)
    #define i_and(a, b)          _mm512_and_si512(a, b)
    #define i_or(a, b)           _mm512_or_si512(a, b)
    #define i_xor(a, b)          _mm512_xor_si512(a, b)
    #define i_shl(a, k)          _mm512_slli_epi64(a, k)
    #define i_shr(a, k)          _mm512_srli_epi64(a, k) /* fills with zeros */
    #define i_sar(a, k)          _mm512_srai_epi64(a, k) /* fills with the sign */
    #define i_lt(a, b)           _mm512_cmplt_epi64_mask(a, b)
    #define i_le(a, b)           _mm512_cmple_epi64_mask(a, b)
    #define i_eq(a, b)           _mm512_cmpeq_epi64_mask(a, b)
    #define i_ne(a, b)           _mm512_cmpneq_epi64_mask(a, b)
    #define i_select(m, a, b)    _mm512_mask_mov_epi64(b, m, a)
    #define v_bits(a)            _mm512_castpd_si512(a)
    #define v_from_bits(a)       _mm512_castsi512_pd(a)
    #define v_to_int(a)          _mm512_cvttpd_epi64(a) /* towards zero */
    #define v_from_int(a)        _mm512_cvtepi64_pd(a)
    #define v_scale(a, k)        _mm512_scalef_pd(a, k) /* a 2^k, rounded once, for whole k */

    """#
}
