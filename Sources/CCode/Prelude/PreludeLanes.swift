/// The operations on vectors, for each instruction set.
enum PreludeLanes {
  static func introduction(_ type: CComputeType) -> String {
    #"""
    \#(CItem.ruled("lanes"))

    /* A `lanes` holds LANES \#(type.rawValue)s. Where an operation takes `n`, it touches the
     * first n lanes only; n may be LANES or more. Lanes that are not loaded or kept are +0. */

    """#
  }

  static func avx512(_ type: CComputeType) -> String {
    switch type {
    case .float32: avx512Head(16) + "\n" + avx512Float32
    case .float64: avx512Head(8) + "\n" + avx512Float64
    }
  }

  static func avx2(_ type: CComputeType, _ shorts: Set<CShortFormat>) -> String {
    switch type {
    case .float32: avx2Head(8, shorts) + "\n" + avx2Float32
    case .float64: avx2Head(4, shorts) + "\n" + avx2Float64
    }
  }

  private static func avx512Head(_ lanes: Int) -> String {
    #"""
    #if LANES == \#(lanes) /* AVX-512 */

    #define NAME(name) name##_avx512
    #define TARGET     target("avx512f,avx512vl,avx512bw,avx512dq,avx2,fma,prfchw")
    #define INLINE     __attribute__((TARGET, always_inline, unused)) static inline
    #define KERNEL     __attribute__((TARGET)) static
    #define SHARED     __attribute__((TARGET, noinline, unused)) static

    """#
  }

  private static func avx2Head(_ lanes: Int, _ shorts: Set<CShortFormat>) -> String {
    let conversions = shorts.contains(.float16) ? ",f16c" : ""
    return #"""
      #elif LANES == \#(lanes) /* AVX2 and FMA */

      #define NAME(name) name##_avx2
      #define TARGET     target("avx2,fma,prfchw\#(conversions)")
      #define INLINE     __attribute__((TARGET, always_inline, unused)) static inline
      #define KERNEL     __attribute__((TARGET)) static
      #define SHARED     __attribute__((TARGET, noinline, unused)) static

      """#
  }

  /// A power of two times a number, where no instruction does it.
  static func scaling(_ type: CComputeType) -> String {
    let (shifter, half, one, bits) =
      switch type {
      case .float32: ("12582912.0f", "0.5f", "0x3f800000", 23)
      case .float64: ("6755399441055744.0", "0.5", "0x3ff0000000000000", 52)
      }
    return #"""
      /** a 2^k, rounded once, for a whole k: about half of the power first, which is exact. From
       *  \#(shifter) on the low bits of a number are those of an integer. */
      INLINE lanes NAME(times_power)(lanes a, lanes k) {
        const ints first = v_bits(v_fma(k, v_splat(\#(half)), v_splat(\#(shifter))));
        const ints second = i_sub(v_bits(v_add(k, v_splat(\#(shifter)))), first);
        const lanes scaled = v_mul(a, v_from_bits(i_add(i_shl(first, \#(bits)), i_splat(\#(one)))));
        return v_mul(scaled, v_from_bits(i_add(i_shl(second, \#(bits)), i_splat(\#(one)))));
      }

      """#
  }

  /// Lanes of float64 beside those of the compute type.
  static func wide(_ type: CComputeType) -> String {
    switch type {
    case .float32: wideOfTwoHalves
    case .float64: wideAsLanes
    }
  }

  private static let wideOfTwoHalves = #"""
    #if LANES > 1 /* a `wide` holds LANES doubles in two vectors */
    typedef struct { half low, high; } NAME(wide);
    #define wide                 NAME(wide)
    INLINE wide NAME(w_splat)(double a) {
      const wide both = {h_splat(a), h_splat(a)};
      return both;
    }
    INLINE wide NAME(w_load)(const double *p) {
      const wide both = {h_load(p), h_load(p + LANES / 2)};
      return both;
    }
    INLINE void NAME(w_store)(double *p, wide a) {
      h_store(p, a.low);
      h_store(p + LANES / 2, a.high);
    }
    INLINE wide NAME(w_add)(wide a, wide b) {
      const wide both = {h_add(a.low, b.low), h_add(a.high, b.high)};
      return both;
    }
    INLINE wide NAME(w_sub)(wide a, wide b) {
      const wide both = {h_sub(a.low, b.low), h_sub(a.high, b.high)};
      return both;
    }
    INLINE wide NAME(w_mul)(wide a, wide b) {
      const wide both = {h_mul(a.low, b.low), h_mul(a.high, b.high)};
      return both;
    }
    INLINE wide NAME(w_div)(wide a, wide b) {
      const wide both = {h_div(a.low, b.low), h_div(a.high, b.high)};
      return both;
    }
    INLINE wide NAME(w_fma)(wide a, wide b, wide c) {
      const wide both = {h_fma(a.low, b.low, c.low), h_fma(a.high, b.high, c.high)};
      return both;
    }
    INLINE wide NAME(w_widen)(lanes a) {
      const wide both = {h_widen_low(a), h_widen_high(a)};
      return both;
    }
    INLINE lanes NAME(w_round)(wide a) { return h_round(a.low, a.high); }
    #define w_zero()             NAME(w_splat)(0.0)
    #define w_splat(a)           NAME(w_splat)(a)
    #define w_load(p)            NAME(w_load)(p)
    #define w_store(p, a)        NAME(w_store)(p, a)
    #define w_add(a, b)          NAME(w_add)(a, b)
    #define w_sub(a, b)          NAME(w_sub)(a, b)
    #define w_mul(a, b)          NAME(w_mul)(a, b)
    #define w_div(a, b)          NAME(w_div)(a, b)
    #define w_fma(a, b, c)       NAME(w_fma)(a, b, c)
    #define w_widen(a)           NAME(w_widen)(a)
    #define w_round(a)           NAME(w_round)(a)
    #endif

    """#

  private static let wideAsLanes = #"""
    #if LANES > 1 /* all lanes are wide */
    #define wide                 lanes
    #define w_zero()             v_zero()
    #define w_splat(a)           v_splat(a)
    #define w_load(p)            v_load(p, LANES)
    #define w_store(p, a)        v_store(p, a, LANES)
    #define w_add(a, b)          v_add(a, b)
    #define w_sub(a, b)          v_sub(a, b)
    #define w_mul(a, b)          v_mul(a, b)
    #define w_div(a, b)          v_div(a, b)
    #define w_fma(a, b, c)       v_fma(a, b, c)
    #define w_widen(a)           (a)
    #define w_round(a)           (a)
    #endif

    """#
}
