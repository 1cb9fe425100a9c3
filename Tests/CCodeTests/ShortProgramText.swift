import CCode

/// A program that compares conversions in each reading with an oracle in float64, which knows only
/// what the bits of a format mean: a number is right if it is the nearest of all, and of two the
/// one with an even last bit.
struct ShortProgramText {
  let prelude: Prelude

  var text: String {
    [
      prelude.opening, Self.table, prelude.readings, prelude.lanes, kernels, prelude.lastReading,
      prelude.bestKernels, Self.oracle, Self.checks, main, prelude.closing,
    ].joined(separator: "\n")
  }

  private static let table = """
    enum { COUNT = 67 };
    typedef struct {
      void (*load[2])(const uint16_t *in, int count, float *out);
      void (*store[2])(const float *in, int count, uint16_t *out);
      void (*stream[2])(const float *in, uint16_t *out);
    } kernels;
    """

  private var kernels: String {
    CShortFormat.allCases.map { format in
      let name = format.rawValue
      return """
        KERNEL void NAME(load_\(name))(const uint16_t *in, int count, float *out) {
          for (int at = 0; at < count; at += LANES) {
            const int n = count - at;
            v_store(out + at, v_load_\(name)(in + at, n), n);
          }
        }
        KERNEL void NAME(store_\(name))(const float *in, int count, uint16_t *out) {
          for (int at = 0; at < count; at += LANES) {
            const int n = count - at;
            v_store_\(name)(out + at, v_load(in + at, n), n);
          }
        }
        KERNEL void NAME(stream_\(name))(const float *in, uint16_t *out) {
          for (int at = 0; at < 64; at += LANES) {
            v_stream_\(name)(out + at, v_load(in + at, LANES));
          }
          v_fence();
        }

        """
    }.joined() + """
      static const kernels NAME(kernels) = {
        {NAME(load_bf16), NAME(load_f16)}, {NAME(store_bf16), NAME(store_f16)},
        {NAME(stream_bf16), NAME(stream_f16)}};
      """
  }

  private static let oracle = """
    int printf(const char *format, ...);
    static float float_with(uint32_t bits) {
      union { uint32_t bits; float number; } both;
      both.bits = bits;
      return both.number;
    }
    static uint32_t bits_in(float number) {
      union { uint32_t bits; float number; } both;
      both.number = number;
      return both.bits;
    }
    /* 0 is bfloat16, 1 float16. */
    static const int exponents[2] = {8, 5}, digits[2] = {7, 10};
    static bool is_nan(int format, uint32_t a) {
      const uint32_t infinite = ((1u << exponents[format]) - 1u) << digits[format];
      return (a & 0x7fffu) > infinite;
    }
    /* The value of a pattern, by the definition; infinity is the next power of two. */
    static double value(int format, uint32_t a) {
      const int exponent = (int)((a & 0x7fffu) >> digits[format]);
      const int bias = (1 << (exponents[format] - 1)) - 1;
      double number = (double)(a & ((1u << digits[format]) - 1u));
      if (exponent > 0) number += (double)(1 << digits[format]);
      const int power = (exponent > 0 ? exponent : 1) - bias - digits[format];
      for (int i = 0; i < power; i++) number *= 2;
      for (int i = 0; i > power; i--) number /= 2;
      return a & 0x8000u ? -number : number;
    }
    static double values[2][0x8000];
    /* The nearest pattern to a number that is no NaN, by bisection. */
    static uint32_t nearest(int format, float a) {
      const uint32_t sign = bits_in(a) >> 31 << 15;
      const uint32_t infinite = ((1u << exponents[format]) - 1u) << digits[format];
      const double size = a < 0 ? -(double)a : (double)a;
      uint32_t low = 0, high = infinite;
      if (size >= values[format][infinite]) return sign | infinite;
      while (high - low > 1) {
        const uint32_t middle = (low + high) / 2;
        if (values[format][middle] <= size) low = middle; else high = middle;
      }
      const double below = size - values[format][low], above = values[format][high] - size;
      return sign | (below < above || (below == above && low % 2 == 0) ? low : high);
    }
    static uint32_t rounded(int format, float a) {
      if (a == a) return nearest(format, a);
      const uint32_t bits = bits_in(a);
      const uint32_t infinite = ((1u << exponents[format]) - 1u) << digits[format];
      const uint32_t payload = (bits & 0x7fffffu) >> (23 - digits[format]);
      return (bits >> 31 << 15) | infinite | (1u << (digits[format] - 1)) | payload;
    }
    static uint32_t widened(int format, uint32_t a) {
      if (!is_nan(format, a)) {
        const uint32_t infinite = ((1u << exponents[format]) - 1u) << digits[format];
        const uint32_t sign = (a & 0x8000u) << 16;
        if ((a & 0x7fffu) == infinite) return sign | 0x7f800000u;
        return bits_in((float)value(format, a)) | sign;
      }
      const uint32_t payload = (a & ((1u << digits[format]) - 1u)) << (23 - digits[format]);
      return (a & 0x8000u) << 16 | 0x7f800000u | payload | (format == 1 ? 0x400000u : 0u);
    }

    """

  private static let checks = """
    static int failures = 0;
    static void fail(const char *reading, const char *what, int format, uint32_t in, uint32_t out,
                     uint32_t expected) {
      if (failures++ < 20) {
        const char *const name = format ? "f16" : "bf16";
        printf("%s %s %s: %x becomes %x, not %x\\n", reading, what, name, in, out, expected);
      }
    }
    static void check_loads(const char *reading, const kernels *k, int format) {
      for (uint32_t first = 0; first < 0x10000u;) {
        uint16_t in[COUNT + 1];
        float out[COUNT + 1];
        const int count = 1 + (int)(first % COUNT);
        for (int i = 0; i < count; i++) in[i] = (uint16_t)((first + (uint32_t)i) & 0xffffu);
        for (int i = 0; i <= count; i++) out[i] = 77;
        k->load[format](in, count, out);
        for (int i = 0; i < count; i++) {
          const uint32_t expected = widened(format, in[i]);
          if (bits_in(out[i]) != expected)
            fail(reading, "load", format, in[i], bits_in(out[i]), expected);
        }
        if (out[count] != 77) fail(reading, "load behind the end", format, first, 0, 0);
        first += (uint32_t)count;
      }
    }
    static void check_stores(const char *reading, const kernels *k, int format, const float *in,
                             int count) {
      static uint16_t aligned[COUNT + 64] __attribute__((aligned(64)));
      uint16_t *out = aligned;
      for (int i = 0; i <= count; i++) out[i] = 0xabcdu;
      k->store[format](in, count, out);
      for (int i = 0; i < count; i++) {
        const uint32_t expected = rounded(format, in[i]);
        if (out[i] != expected) fail(reading, "store", format, bits_in(in[i]), out[i], expected);
      }
      if (out[count] != 0xabcdu) fail(reading, "store behind the end", format, 0, out[count], 0);
      if (count < 64) return;
      for (int i = 0; i < 64; i++) out[i] = 0;
      k->stream[format](in, out);
      for (int i = 0; i < 64; i++) {
        const uint32_t expected = rounded(format, in[i]);
        if (out[i] != expected) fail(reading, "stream", format, bits_in(in[i]), out[i], expected);
      }
    }
    static void check_all_stores(const char *reading, const kernels *k, int format) {
      /* Around each pattern and each tie, a prime number of others between, and NaNs. */
      static const uint32_t offsets[] = {0, 1, 2, 0xfff, 0x1000, 0x1001, 0x1fff, 0x7fff, 0x8000,
                                         0x8001, 0xfffe, 0xffff};
      float in[COUNT + 1];
      int count = 0, wanted = 1;
      for (uint32_t high = 0; high < 0x10000u; high++) {
        for (int o = 0; o < 12; o++) {
          in[count++] = float_with((high << 16) | offsets[o]);
          if (count == wanted) {
            check_stores(reading, k, format, in, count);
            wanted = wanted % COUNT + 1;
            count = 0;
          }
        }
      }
      for (uint32_t bits = 7; bits < 0xffff0000u; bits += 65521u / 8u) {
        in[count++] = float_with(bits);
        if (count >= COUNT) {
          check_stores(reading, k, format, in, COUNT);
          count = 0;
        }
      }
    }
    static void check(const char *reading, const kernels *k) {
      for (int format = 0; format < 2; format++) {
        check_loads(reading, k, format);
        check_all_stores(reading, k, format);
      }
      printf("%s checked\\n", reading);
    }

    """

  private var main: String {
    """
    int main(void) {
      for (int format = 0; format < 2; format++) {
        for (uint32_t a = 0; a < 0x8000u; a++) values[format][a] = value(format, a);
      }
      check("plain", &kernels_plain);
      check("best", best_kernels());
    #if defined(NORMGEN_LANES) && NORMGEN_LANES > 1 && NARROWER_LANES > 1
      __builtin_cpu_init();
      if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && has_f16c()) {
        check("avx2", &kernels_avx2);
      }
    #endif
      return failures != 0;
    }
    """
  }
}
