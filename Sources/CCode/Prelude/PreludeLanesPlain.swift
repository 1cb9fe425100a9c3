extension PreludeLanes {
  /// The operations on one lane in plain C, for `features`.
  static func plain(_ type: CComputeType, _ features: Set<PreludeFeature>) -> String {
    let hasMasks = !features.isDisjoint(with: [.masks, .integers, .extremes])
    return
      ([plainNumbers(type)] + (hasMasks ? [plainMasks] : [])
      + (features.contains(.integers) ? [plainIntegers(type)] : [])
      + (features.isDisjoint(with: [.wide, .columns, .turned, .gathered])
        ? [] : [plainWide(type)]))
      .joined(separator: "\n")
  }

  private static func plainNumbers(_ type: CComputeType) -> String {
    let f = type.functionSuffix
    return #"""
      #define NAME(name) name##_plain
      #define INLINE     HELPER
      #define KERNEL     static

      #define lanes                \#(type.rawValue)
      #define v_zero()             \#(type.zero)
      #define v_splat(a)           (a)
      #define v_load(p, n)         ((n) >= 1 ? *(p) : \#(type.zero))
      #define v_store(p, a, n)     ((n) >= 1 ? (void)(*(p) = (a)) : (void)0)
      #define v_stream(p, a)       ((void)(*(p) = (a)))
      #define v_keep(a, n)         ((n) >= 1 ? (a) : \#(type.zero))
      #define v_take(new, old, n)  ((n) >= 1 ? (new) : (old))
      #define v_add(a, b)          ((a) + (b))
      #define v_sub(a, b)          ((a) - (b))
      #define v_mul(a, b)          ((a) * (b))
      #define v_div(a, b)          ((a) / (b))
      #define v_fma(a, b, c)       fma\#(f)(a, b, c)
      #define v_fnma(a, b, c)      fma\#(f)(-(a), b, c)
      #define v_fms(a, b, c)       fma\#(f)(a, b, -(c))
      #define v_sqrt(a)            sqrt\#(f)(a)
      #define v_floor(a)           floor\#(f)(a)
      #define v_neg(a)             (-(a))
      #define v_abs(a)             fabs\#(f)(a)
      #define v_sum(a)             (a)
      #define v_number(a)          (a)
      #define v_down(a, h)         ((void)(h), (a))
      #define v_prefetch(p)        ((void)(p))
      #define v_prefetch_write(p)  ((void)(p))
      #define v_fence()            ((void)0)

      """#
  }

  private static let plainMasks = #"""
    #define masks                bool
    #define m_lt(a, b)           ((a) < (b))
    #define m_le(a, b)           ((a) <= (b))
    #define m_eq(a, b)           ((a) == (b))
    #define m_ne(a, b)           ((a) != (b))
    #define m_and(a, b)          ((a) && (b))
    #define m_or(a, b)           ((a) || (b))
    #define m_not(a)             (!(a))
    #define m_splat(a)           (a)
    #define m_load(p, n)         ((n) >= 1 && *(p) != 0)
    #define v_select(m, a, b)    ((m) ? (a) : (b))
    #define v_lesser(a, b)       ((a) < (b) ? (a) : (b))
    #define v_greater(a, b)      ((a) > (b) ? (a) : (b))

    """#

  private static func plainIntegers(_ type: CComputeType) -> String {
    let (ints, bits) = (type.integer, "u" + type.integer)
    return #"""
      #define ints                 \#(ints)
      #define i_splat(k)           ((ints)(k))
      #define i_add(a, b)          ((ints)((\#(bits))(a) + (\#(bits))(b)))
      #define i_sub(a, b)          ((ints)((\#(bits))(a) - (\#(bits))(b)))
      #define i_mul(a, b)          ((ints)((\#(bits))(a) * (\#(bits))(b)))
      #define i_and(a, b)          ((a) & (b))
      #define i_or(a, b)           ((a) | (b))
      #define i_xor(a, b)          ((a) ^ (b))
      #define i_shl(a, k)          ((ints)((\#(bits))(a) << (k)))
      #define i_shr(a, k)          ((ints)((\#(bits))(a) >> (k)))
      #define i_sar(a, k)          ((a) >> (k))
      #define i_lt(a, b)           ((a) < (b))
      #define i_le(a, b)           ((a) <= (b))
      #define i_eq(a, b)           ((a) == (b))
      #define i_ne(a, b)           ((a) != (b))
      #define i_select(m, a, b)    ((m) ? (a) : (b))
      #define v_bits(a)            NAME(bits)(a)
      #define v_from_bits(a)       NAME(from_bits)(a)
      #define v_to_int(a)          ((ints)(a))
      #define v_from_int(a)        ((lanes)(a))
      #define v_scale(a, k)        NAME(times_power)(a, k)
      INLINE ints NAME(bits)(lanes a) {
        const union { lanes number; ints bits; } both = {.number = a};
        return both.bits;
      }
      INLINE lanes NAME(from_bits)(ints a) {
        const union { lanes number; ints bits; } both = {.bits = a};
        return both.number;
      }

      """#
  }

  private static func plainWide(_ type: CComputeType) -> String {
    #"""
    #define wide                 double
    #define w_zero()             0.0
    #define w_splat(a)           (a)
    #define w_load(p)            (*(p))
    #define w_store(p, a)        ((void)(*(p) = (a)))
    #define w_add(a, b)          ((a) + (b))
    #define w_sub(a, b)          ((a) - (b))
    #define w_mul(a, b)          ((a) * (b))
    #define w_div(a, b)          ((a) / (b))
    #define w_fma(a, b, c)       fma(a, b, c)
    #define w_widen(a)           ((double)(a))
    #define w_round(a)           ((\#(type.rawValue))(a))

    """#
  }
}

extension CComputeType {
  /// What ends the names of the functions of <math.h> for the type.
  fileprivate var functionSuffix: String {
    switch self {
    case .float32: "f"
    case .float64: ""
    }
  }

  /// The signed integer of the same width.
  fileprivate var integer: String {
    switch self {
    case .float32: "int32_t"
    case .float64: "int64_t"
    }
  }
}
