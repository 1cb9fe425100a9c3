/// How a file is read once for each instruction set, and which of them a call takes.
enum PreludeReadings {
  static func readings(
    _ type: CComputeType, _ shorts: Set<CShortFormat>, fileName: String
  ) -> String {
    let (widest, middle) = (type.laneCounts[0], type.laneCounts[1])
    let identification = shorts.contains(.float16) ? "#include <cpuid.h>\n" : ""
    return #"""
      /* The widest vectors to compile, in \#(type.rawValue)s: \#(widest), \#(middle) or 1. */
      #ifndef NORMGEN_LANES
      #if defined(__x86_64__) && defined(__GNUC__)
      #define NORMGEN_LANES \#(widest)
      #else
      #define NORMGEN_LANES 1
      #endif
      #endif

      /* Where compilers may take the widest for granted, as with -march=native, they leave the
       * middle ones out. */
      #if NORMGEN_LANES >= \#(widest) && defined(__AVX512F__) && defined(__AVX512VL__) && \
          defined(__AVX512BW__) && defined(__AVX512DQ__)
      #define NARROWER_LANES 1
      #elif NORMGEN_LANES >= \#(middle)
      #define NARROWER_LANES \#(middle)
      #else
      #define NARROWER_LANES 1
      #endif

      /* The other readings. (__FILE_NAME__ survives renaming; compilers without it take the name
       * that the file was written under.) */
      #ifdef __FILE_NAME__
      #define THIS_FILE __FILE_NAME__
      #else
      #define THIS_FILE "\#(fileName)"
      #endif
      #if NORMGEN_LANES > 1
      \#(identification)#include <immintrin.h>
      #endif
      #if NORMGEN_LANES >= \#(widest)
      #define LANES \#(widest)
      #include THIS_FILE
      #undef LANES
      #endif
      #if NARROWER_LANES > 1
      #define LANES \#(middle)
      #include THIS_FILE
      #undef LANES
      #endif
      #define LANES 1

      #endif /* the first reading */

      """#
  }

  static let oneReading = "#define LANES 1\n"

  static func lastReading(_ shorts: Set<CShortFormat>) -> String {
    "#if LANES > 1 /* forget the operations, for the next reading */\n"
      + (macros + PreludeShorts.macros(shorts)).map { "#undef \($0)\n" }.joined() + #"""
        #endif

        \#(CItem.ruled("interface"))

        #if LANES == 1 /* the last reading */

        """#
  }

  static func bestKernels(_ type: CComputeType, _ shorts: Set<CShortFormat>) -> String {
    let (widest, middle) = (type.laneCounts[0], type.laneCounts[1])
    let converts = shorts.contains(.float16)
    let middleSet =
      #"__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")"#
      + (converts ? " &&\n      has_f16c()" : "")
    let test =
      converts
      ? "#if NARROWER_LANES > 1\n" + PreludeShorts.hasF16C + "#endif\n\n" : ""
    return test + #"""
      /** The kernels for this processor. */
      static const kernels *best_kernels(void) {
      #if NORMGEN_LANES >= \#(middle)
        __builtin_cpu_init();
      #if NORMGEN_LANES >= \#(widest)
        if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
            __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq")) {
          return &kernels_avx512;
        }
      #endif
      #if NARROWER_LANES > 1
        if (\#(middleSet)) return &kernels_avx2;
      #endif
      #endif
        return &kernels_plain;
      }

      """#
  }

  static let onlyKernels = "#define best_kernels() (&kernels_plain)\n"

  /// Every macro that a reading with vectors defines.
  private static let macros = [
    "NAME", "TARGET", "INLINE", "KERNEL", "SHARED", "VECTORS", "UNROLLED", "EACH_VECTOR",
    "EACH_ELEMENT", "lanes",
    "v_count", "v_first", "v_zero", "v_splat", "v_load", "v_store", "v_stream", "v_keep", "v_take",
    "v_add", "v_sub", "v_mul", "v_div", "v_fma", "v_fnma", "v_fms", "v_sqrt", "v_floor", "v_neg",
    "v_abs", "v_sum", "v_number", "v_down", "v_max", "v_min", "v_prefetch", "v_prefetch_write",
    "v_fence", "v_quads", "v_store_quads", "v_mix_low", "v_mix_high", "v_pair_low", "v_pair_high",
    "v_even", "v_odd", "v_low_halves", "v_high_halves", "v_even_quads", "v_odd_quads", "masks",
    "m_lt",
    "m_le", "m_eq", "m_ne", "m_and",
    "m_or", "m_not", "m_splat", "m_load", "v_select", "v_lesser", "v_greater",
    "ints", "i_splat", "i_add", "i_sub", "i_mul", "i_and", "i_or", "i_xor", "i_shl", "i_shr",
    "i_sar", "i_lt", "i_le", "i_eq", "i_ne", "i_select", "v_bits", "v_from_bits", "v_to_int",
    "v_from_int", "v_scale", "half", "h_splat", "h_load", "h_store", "h_add", "h_sub", "h_mul",
    "h_div",
    "h_fma", "h_widen_low", "h_widen_high",
    "h_round", "wide", "w_zero", "w_splat",
    "w_load", "w_store", "w_add", "w_sub", "w_mul", "w_div", "w_fma", "w_widen", "w_round",
  ]
}
