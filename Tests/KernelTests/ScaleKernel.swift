import LoopIR
import NormGen

/// A norm in C, written by hand, that has an argument of every role:
///
///     y[n, c]      = valid[n, c] ? sign * factor * weight[c] * x[n, c] + phi[c] : 0
///     next_phi[c]  = phi[c] + total[c]
///     next_step    = step + 1
///     total[c]     = the sum over n of valid x[n, c], saved for backward
///     d_x[n, c]    = valid[n, c] ? sign * factor * weight[c] * d_y[n, c] : 0
///     d_weight[c]  = the sum over n of valid d_y[n, c] * x[n, c], plus total[c]
///     next_nu[c]   = nu[c] + d_weight[c]
///
/// C must be a multiple of G.
enum ScaleKernel {
  static let compiled = CompiledNorm(
    interface: interface, header: prelude + declarations,
    source: "#include \"scale.h\"\n" + definitions,
    jitSource: jitPrelude + declarations + definitions
  )

  static let interface = KernelInterface(
    norm: "scale", prefix: "scale", type: .float32,
    sizes: [
      SizeParameter(name: "N", standard: nil, isRun: true),
      SizeParameter(name: "C", standard: nil, isRun: false),
      SizeParameter(name: "G", standard: 2, isRun: false),
    ],
    functions: [
      KernelFunction(
        direction: .forward, phase: .train, symbol: "scale_forward", arguments: forward),
      KernelFunction(
        direction: .backward, phase: .train, symbol: "scale_backward", arguments: backward),
    ])

  private static let row = ArrayDimension(name: "N", extents: [.size("N")], isRun: true)
  private static let channel = ArrayDimension(
    name: "C", extents: [.size("G"), .quotient(.size("C"), by: .size("G"))])

  private static func array(
    _ name: String, _ subject: String, _ role: KernelArgument.Role,
    _ shape: [ArrayDimension], _ type: KernelArgument.ElementType = .real
  ) -> KernelArgument {
    KernelArgument(name: name, subject: subject, role: role, type: type, shape: shape)
  }

  private static func value(
    _ name: String, _ role: KernelArgument.Role, _ type: KernelArgument.ElementType
  ) -> KernelArgument {
    KernelArgument(name: name, subject: name, role: role, type: type, shape: nil)
  }

  private static let sizes = ["N", "C", "G"].map { value($0, .size, .size) }
  private static let last = [
    array("workspace", "workspace", .workspace, [], .bytes),
    array("executor", "executor", .executor, [], .executor),
  ]

  private static let forward =
    sizes + [
      array("x", "x", .tensor, [row, channel]),
      array("valid", "valid", .mask, [row, channel], .mask),
      array("weight", "weight", .parameter, [channel]),
      array("phi", "phi", .state, [channel]),
      array("next_phi", "phi", .nextState, [channel]),
      value("step", .counter, .int64),
      array("next_step", "step", .nextCounter, [], .int64),
      value("factor", .scalar, .double),
      value("negate", .scalar, .bool),
      array("y", "y", .output, [row, channel]),
      array("total", "total", .saved, [channel]),
    ] + last

  private static let backward =
    sizes + [
      array("d_y", "y", .outputGradient, [row, channel]),
      array("x", "x", .tensor, [row, channel]),
      array("valid", "valid", .mask, [row, channel], .mask),
      array("weight", "weight", .parameter, [channel]),
      array("nu", "nu", .state, [channel]),
      array("next_nu", "nu", .nextState, [channel]),
      value("factor", .scalar, .double),
      value("negate", .scalar, .bool),
      array("d_x", "x", .gradient, [row, channel]),
      array("d_weight", "weight", .gradient, [channel]),
      array("total", "total", .saved, [channel]),
    ] + last

  private static let prelude = """
    #include <stdbool.h>
    #include <stddef.h>
    #include <stdint.h>

    """

  private static let jitPrelude = """
    typedef unsigned long size_t;
    typedef long int64_t;
    typedef unsigned long uint64_t;
    typedef unsigned char uint8_t;
    typedef _Bool bool;
    #define NULL ((void *)0)
    #define SIZE_MAX 18446744073709551615UL

    """

  private static let declarations = """
    typedef enum scale_status {
      SCALE_OK = 0, SCALE_NULL_POINTER, SCALE_BAD_SIZE, SCALE_NOT_DIVISIBLE
    } scale_status;
    typedef struct normgen_executor normgen_executor;
    size_t scale_workspace(size_t N, size_t C, size_t G);
    const char *scale_status_text(scale_status status);
    scale_status scale_forward(
        size_t N, size_t C, size_t G, const float *x, const uint8_t *valid, const float *weight,
        const float *phi, float *next_phi, int64_t step, int64_t *next_step, double factor,
        bool negate, float *y, float *total, void *workspace, const normgen_executor *executor);
    scale_status scale_backward(
        size_t N, size_t C, size_t G, const float *d_y, const float *x, const uint8_t *valid,
        const float *weight, const float *nu, float *next_nu, double factor, bool negate,
        float *d_x, float *d_weight, const float *total, void *workspace,
        const normgen_executor *executor);

    """

  private static let definitions = """
    size_t scale_workspace(size_t N, size_t C, size_t G) {
      (void)G;
      if (C != 0 && N > SIZE_MAX / 8 / C) return SIZE_MAX;
      return C * 8;
    }

    const char *scale_status_text(scale_status status) {
      switch (status) {
        case SCALE_OK: return "no error";
        case SCALE_NULL_POINTER: return "an input is NULL";
        case SCALE_BAD_SIZE: return "the sizes are too large";
        case SCALE_NOT_DIVISIBLE: return "C is no multiple of G";
      }
      return "unknown status";
    }

    scale_status scale_forward(
        size_t N, size_t C, size_t G, const float *x, const uint8_t *valid, const float *weight,
        const float *phi, float *next_phi, int64_t step, int64_t *next_step, double factor,
        bool negate, float *y, float *total, void *workspace, const normgen_executor *executor) {
      double *sums = workspace;
      float f = (float)(negate ? -factor : factor);
      (void)executor;
      if (G == 0 || C % G != 0) return SCALE_NOT_DIVISIBLE;
      if (N * C != 0 && (x == NULL || workspace == NULL)) return SCALE_NULL_POINTER;
      if (factor == 13) return SCALE_BAD_SIZE;
      for (size_t c = 0; c < C; c++) {
        sums[c] = 0;
        for (size_t n = 0; n < N; n++) if (valid[n * C + c]) sums[c] += x[n * C + c];
        if (total != NULL) total[c] = (float)sums[c];
        for (size_t n = 0; n < N && y != NULL; n++) {
          y[n * C + c] = valid[n * C + c] ? f * weight[c] * x[n * C + c] + phi[c] : 0;
        }
      }
      for (size_t c = 0; c < C && next_phi != NULL; c++) next_phi[c] = phi[c] + (float)sums[c];
      if (next_step != NULL) *next_step = step + 1;
      return SCALE_OK;
    }

    scale_status scale_backward(
        size_t N, size_t C, size_t G, const float *d_y, const float *x, const uint8_t *valid,
        const float *weight, const float *nu, float *next_nu, double factor, bool negate,
        float *d_x, float *d_weight, const float *total, void *workspace,
        const normgen_executor *executor) {
      float f = (float)(negate ? -factor : factor);
      (void)executor;
      (void)workspace;
      if (G == 0 || C % G != 0) return SCALE_NOT_DIVISIBLE;
      if (C != 0 && total == NULL) return SCALE_NULL_POINTER;
      for (size_t c = 0; c < C; c++) {
        float sum = total[c];
        for (size_t n = 0; n < N; n++) {
          size_t i = n * C + c;
          if (valid[i]) sum += d_y[i] * x[i];
          if (d_x != NULL) d_x[i] = valid[i] ? f * weight[c] * d_y[i] : 0;
        }
        if (d_weight != NULL) d_weight[c] = sum;
        if (next_nu != NULL) next_nu[c] = nu[c] + sum;
      }
      return SCALE_OK;
    }

    """
}

/// A call of the kernel above in numbers that floats hold exactly, and what it must give.
struct ScaleExample {
  var x: [Float] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]
  var valid = [true, false, true, true, true, true, false, true, true, true, true, false]
  var weight: [Float] = [1, 2, 0.5, 4]
  var phi: [Float] = [10, 20, 30, 40]
  var nu: [Float] = [1, 1, 2, 2]
  var yGradient: [Float] = [1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6]
  var factor = 0.5
  var negate = true

  private var sign: Float { Float(negate ? -factor : factor) }
  private func column(_ c: Int, _ element: (Int) -> Float) -> Float {
    (0..<3).map { $0 * 4 + c }.filter { valid[$0] }.map(element).reduce(0, +)
  }

  var total: [Float] { (0..<4).map { c in column(c) { x[$0] } } }
  var y: [Float] {
    x.indices.map { valid[$0] ? sign * weight[$0 % 4] * x[$0] + phi[$0 % 4] : 0 }
  }
  var nextPhi: [Float] { zip(phi, total).map(+) }
  var xGradient: [Float] { x.indices.map { valid[$0] ? sign * weight[$0 % 4] * yGradient[$0] : 0 } }
  var weightGradient: [Float] {
    (0..<4).map { c in total[c] + column(c) { yGradient[$0] * x[$0] } }
  }

  var inputs: [String: KernelArray] {
    [
      "x": .float32(x), "valid": .mask(valid), "weight": .float32(weight), "phi": .float32(phi),
      "nu": .float32(nu), "d_y": .float32(yGradient),
    ]
  }
  var values: [String: KernelValue] {
    ["factor": .number(factor), "negate": .condition(negate), "step": 6]
  }
}
