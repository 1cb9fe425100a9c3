import CCode

/// A program that compares each operation in each reading of the prelude with scalar C.
struct LaneProgramText {
  let prelude: Prelude
  let seed: Int

  private var number: String { prelude.type.rawValue }
  private var cases: [LaneOperationCase] { LaneOperationCase.all(prelude.type) }

  var text: String {
    [
      prelude.opening, table, prelude.readings, prelude.lanes, kernels, prelude.lastReading,
      prelude.bestKernels, support, checks, main, prelude.closing,
    ].joined(separator: "\n")
  }

  private var table: String {
    """
    typedef \(number) number;
    typedef \(prelude.type == .float32 ? "int32_t" : "int64_t") integer;
    typedef \(prelude.type == .float32 ? "uint32_t" : "uint64_t") word;
    enum { COUNT = 67, PADDED = 96, OPERATIONS = \(cases.count) };
    typedef struct {
      number a[PADDED], b[PADDED], c[PADDED], i[PADDED], j[PADDED];
      double p[PADDED], q[PADDED];
      uint8_t m[PADDED], k[PADDED];
    } inputs;
    typedef struct { number numbers[PADDED]; double wides[PADDED]; } outputs;
    typedef struct {
      void (*operations[OPERATIONS])(const inputs *in, int count, outputs *out);
      void (*sums)(const number *slots, number *sum, number *most, number *least);
    } kernels;
    """
  }

  private var kernels: String {
    let limit = prelude.type == .float32 ? "2147483648.0f" : "9223372036854775808.0"
    let functions = cases.enumerated().map { i, operation in
      """
      KERNEL void NAME(operation_\(i))(const inputs *in, int count, outputs *out) {
        for (int at = 0; at < count; at += LANES) {
          const int n = count - at;
          const lanes a = v_load(in->a + at, n), b = v_load(in->b + at, n);
          const lanes c = v_load(in->c + at, n);
          const ints i = v_bits(v_load(in->i + at, n)), j = v_bits(v_load(in->j + at, n));
          const masks m = m_load(in->m + at, n), k = m_load(in->k + at, n);
          const wide p = w_load(in->p + at), q = w_load(in->q + at);
          const lanes b_in_range = v_splat(-7.9f);
          \(store(operation))
          (void)a, (void)b, (void)c, (void)i, (void)j, (void)m, (void)k, (void)p, (void)q;
          (void)b_in_range;
        }
      }
      """
    }
    let names = cases.indices.map { "NAME(operation_\($0))" }.joined(separator: ",\n  ")
    return """
      INLINE masks NAME(in_range)(lanes a) {
        return m_and(m_le(v_splat(-\(limit)), a), m_lt(a, v_splat(\(limit))));
      }
      #define in_range(a) NAME(in_range)(a)
      \(functions.joined(separator: "\n"))
      KERNEL void NAME(sums)(const number *slots, number *sum, number *most, number *least) {
        lanes s[VECTORS], t[VECTORS], u[VECTORS];
        NAME(clear)(s);
        NAME(fill)(t, -INFINITY);
        NAME(fill)(u, INFINITY);
        EACH_VECTOR(v, SLOTS) {
          const lanes x = v_load(slots + v * LANES, LANES);
          s[v] = v_add(s[v], x);
          t[v] = v_max(t[v], x);
          u[v] = v_min(u[v], x);
        }
        *sum = NAME(combine)(s);
        *most = NAME(combine_max)(t);
        *least = NAME(combine_min)(u);
      }
      #undef in_range
      static const kernels NAME(kernels) = {{
        \(names)}, NAME(sums)};
      """
  }

  private func store(_ operation: LaneOperationCase) -> String {
    switch operation.result {
    case .number: "v_store(out->numbers + at, \(operation.lanes), n);"
    case .integer: "v_store(out->numbers + at, v_from_bits(\(operation.lanes)), n);"
    case .condition:
      "v_store(out->numbers + at, v_select(\(operation.lanes), v_splat(1), v_splat(0)), n);"
    case .wide: "w_store(out->wides + at, \(operation.lanes));"
    }
  }

  private var support: String {
    """
    int printf(const char *format, ...);
    static uint64_t state = \(seed)u;
    static uint64_t draw(void) {
      state ^= state << 13;
      state ^= state >> 7;
      state ^= state << 17;
      return state * 2685821657736338717u;
    }
    static integer bits_of(number a) {
      union { number a; integer i; } both;
      both.a = a;
      return both.i;
    }
    static number number_of(integer i) {
      union { number a; integer i; } both;
      both.i = i;
      return both.a;
    }
    static number product(number a, number b) {
      volatile number rounded = a * b;
      return rounded;
    }
    static integer halved(integer a, int k) {
      const word fill = k == 0 || a >= 0 ? 0 : ~(word)0 << ((int)sizeof(word) * 8 - k);
      return (integer)((word)a >> k | fill);
    }
    static bool in_integers(number a) {
      const double limit = \(prelude.type == .float32 ? "2147483648.0" : "9223372036854775808.0");
      return -limit <= (double)a && (double)a < limit;
    }
    static number special(void) {
      const number values[] = {0, -0.0f, 1, -1, 0.5f, 1.5f, 2.5f, -2.5f, 3e-39f, -1e-45f,
        16777216, 2147483520, -2147483648.0f, 4503599627370496, 9007199254740992,
        -9223372036854775808.0f, INFINITY, -INFINITY, NAN};
      return values[draw() % (sizeof(values) / sizeof(values[0]))];
    }
    static number random_number(void) {
      switch (draw() % 4) {
        case 0: return special();
        case 1: return number_of((integer)draw());
        case 2: return (number)(integer)draw() / (number)(1 << draw() % 30);
        default: return (number)((double)(draw() >> 11) / 4503599627370496.0 - 1);
      }
    }
    static integer random_integer(void) {
      static const integer ends[] = {0, 1, -1, (integer)((word)1 << (sizeof(word) * 8 - 1)),
        (integer)(~(word)0 >> 1), 16777217, -16777219};
      switch (draw() % 3) {
        case 0: return ends[draw() % (sizeof(ends) / sizeof(ends[0]))];
        case 1: return (integer)draw() >> draw() % (sizeof(word) * 8);
        default: return (integer)draw();
      }
    }
    static bool same_number(number a, number b) {
      return (a != a && b != b) || bits_of(a) == bits_of(b);
    }
    static bool same_double(double a, double b) {
      union { double a; int64_t i; } x, y;
      x.a = a;
      y.a = b;
      return (a != a && b != b) || x.i == y.i;
    }
    """
  }

  /// `expected_N` evaluates an operation for one lane; `live_1` is `true` for all but the last.
  private var checks: String {
    let functions = cases.enumerated().map { index, operation in
      let result =
        switch operation.result {
        case .number: "*x = \(operation.scalar);"
        case .integer: "*x = number_of((integer)(\(operation.scalar)));"
        case .condition: "*x = (\(operation.scalar)) ? 1 : 0;"
        case .wide: "*w = \(operation.scalar);"
        }
      return """
        static void expected_\(index)(const inputs *in, int at, bool live_1, number *x, double *w) {
          const number a = in->a[at], b = in->b[at], c = in->c[at];
          const integer i = bits_of(in->i[at]), j = bits_of(in->j[at]);
          const bool m = in->m[at] != 0, k = in->k[at] != 0;
          const double p = in->p[at], q = in->q[at];
          \(result)
          (void)a, (void)b, (void)c, (void)i, (void)j, (void)m, (void)k, (void)p, (void)q;
          (void)live_1, (void)x, (void)w;
        }
        """
    }
    let names = cases.indices.map { "expected_\($0)" }.joined(separator: ",\n  ")
    let texts = cases.map { CExpression.string($0.lanes).text }.joined(separator: ",\n  ")
    return functions.joined(separator: "\n") + """

      static void (*const expected[OPERATIONS])(const inputs *, int, bool, number *, double *) = {
        \(names)};
      static const char *const names[OPERATIONS] = {
        \(texts)};
      static const bool is_wide[OPERATIONS] = {
        \(cases.map { $0.result == .wide ? "true" : "false" }.joined(separator: ", "))};
      """
  }

  private var main: String {
    """
    static inputs in;
    static outputs out;
    static int failures = 0;
    static void draw_inputs(void) {
      for (int i = 0; i < PADDED; i++) {
        in.a[i] = random_number();
        in.b[i] = random_number();
        in.c[i] = random_number();
        in.i[i] = number_of(random_integer());
        in.j[i] = number_of(random_integer());
        in.p[i] = (double)random_number();
        in.q[i] = (double)random_number() * 0.1;
        in.m[i] = (uint8_t)(draw() & 1 ? draw() : 0);
        in.k[i] = (uint8_t)(draw() & 1);
      }
    }
    /* Says each operation once in each reading; the last three are the sums. */
    static bool was_said[OPERATIONS + 3];
    static void fail(const char *reading, int o, int count, int i) {
      static const char *const sums[] = {"combine", "combine_max", "combine_min"};
      const char *const what = o < OPERATIONS ? names[o] : sums[o - OPERATIONS];
      if (!was_said[o]) printf("%s: %s of %d: lane %d differs\\n", reading, what, count, i);
      was_said[o] = true;
      failures++;
    }
    static void check_operations(const char *reading, const kernels *k, int count) {
      for (int o = 0; o < OPERATIONS; o++) {
        for (int i = 0; i < PADDED; i++) out.numbers[i] = 77;
        k->operations[o](&in, count, &out);
        for (int i = 0; i < count; i++) {
          number x = 0;
          double w = 0;
          expected[o](&in, i, i < count - 1, &x, &w);
          if (!(is_wide[o] ? same_double(w, out.wides[i]) : same_number(x, out.numbers[i])))
            fail(reading, o, count, i);
        }
        for (int i = count; i < PADDED; i++) {
          if (!same_number(out.numbers[i], 77)) fail(reading, o, count, i);
        }
      }
    }
    static void check_sums(const char *reading, const kernels *k) {
      number s[SLOTS], sum, most, least, max = -INFINITY, min = INFINITY;
      const bool is_tame = draw() % 2;
      for (int i = 0; i < SLOTS; i++) {
        number x = is_tame ? (number)(draw() % 1000) / 7 : random_number();
        s[i] = x;
        if (x > max || x != x) max = x;
        if (x < min || x != x) min = x;
        if (max != max || min != min) max = min = NAN;
      }
      k->sums(s, &sum, &most, &least);
      for (int h = SLOTS / 2; h > 0; h /= 2) {
        for (int i = 0; i < h; i++) s[i] += s[i + h];
      }
      if (!same_number(s[0] + 0, sum)) fail(reading, OPERATIONS + 0, SLOTS, 0);
      if (!same_number(max + 0, most)) fail(reading, OPERATIONS + 1, SLOTS, 0);
      if (!same_number(min + 0, least)) fail(reading, OPERATIONS + 2, SLOTS, 0);
    }
    static void check(const char *reading, const kernels *k) {
      for (int o = 0; o < OPERATIONS + 3; o++) was_said[o] = false;
      for (int round = 0; round < 12; round++) {
        draw_inputs();
        for (int count = 0; count <= COUNT; count++) check_operations(reading, k, count);
        for (int i = 0; i < 100; i++) check_sums(reading, k);
      }
      printf("%s checked\\n", reading);
    }
    int main(void) {
      check("plain", &kernels_plain);
      check("best", best_kernels());
    #if defined(NORMGEN_LANES) && NORMGEN_LANES > 1 && NARROWER_LANES > 1
      __builtin_cpu_init();
      if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
        check("avx2", &kernels_avx2);
      }
    #endif
      return failures != 0;
    }
    """
  }
}
