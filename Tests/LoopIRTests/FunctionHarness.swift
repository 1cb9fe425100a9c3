import Basics
import Foundation
import LoopIR

/// A C program that measures the elementary functions against the system's, in more precision.
///
///     harness FUNCTION_TYPE worst COUNT     prints the worst error in ulp, its arguments, faults
///     harness FUNCTION_TYPE values COUNT    prints the bits of the results of seeded arguments
///
/// COUNT is how many arguments are tried; for float32 and one argument, every
/// (2^32 / COUNT)th pattern. A fault is a NaN, an infinity or a sign that should not be.
struct FunctionHarness {
  let executable: URL

  struct Worst {
    let error: Double
    let arguments: String
    let faults: Int
  }

  enum Failure: Error {
    case command(String)
  }

  /// Compiles the program into a folder of its own.
  init() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "lanes-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let source = folder.appending(path: "harness.c")
    try Self.source.write(to: source, atomically: true, encoding: .utf8)
    executable = folder.appending(path: "harness")
    _ = try Self.run(
      "/usr/bin/env",
      [
        "cc", "-O2", "-march=native", "-ffp-contract=off", "-o", executable.path, source.path,
        "-lm",
      ])
  }

  func remove() {
    try? FileManager.default.removeItem(at: executable.deletingLastPathComponent())
  }

  func worst(
    _ function: ElementaryFunction, _ compute: ComputeType, count: Int
  ) throws -> Worst {
    let name = "\(function.rawValue)_\(compute.rawValue)"
    let words = try Self.run(executable.path, [name, "worst", "\(count)"]).split(separator: " ")
    guard words.count == 4, let error = Double(words[0]), let faults = Int(words[3]) else {
      throw Failure.command("\(words)")
    }
    return Worst(error: error, arguments: "\(words[1]) \(words[2])", faults: faults)
  }

  /// The bits of the results of arguments drawn by `SplitMix64(seed: 1)`, x and y by turns.
  func values(
    _ function: ElementaryFunction, _ compute: ComputeType, count: Int
  ) throws -> [UInt64] {
    let name = "\(function.rawValue)_\(compute.rawValue)"
    return try Self.run(executable.path, [name, "values", "\(count)"])
      .split(separator: "\n").compactMap { UInt64($0) }
  }

  private static func run(_ path: String, _ arguments: [String]) throws -> String {
    let process = Process()
    process.executableURL = URL(filePath: path)
    process.arguments = arguments
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    let text = String(decoding: data, as: UTF8.self)
    guard process.terminationStatus == 0 else { throw Failure.command("\(arguments): \(text)") }
    return text.trimmingCharacters(in: .newlines)
  }
}

extension FunctionHarness {
  private static var source: String {
    var text = prelude
    for compute in ComputeType.allCases {
      let printer = PlainC(compute: compute)
      for function in ElementaryFunction.allCases {
        let program = LaneFunction.program(function, in: .number, compute: compute)
        let name = "\(function.rawValue)_\(compute.rawValue)"
        text += printer.function(name, program, arity: function.arity)
        let call = function.arity == 1 ? "\(name)(x)" : "\(name)(x, y)"
        let real = compute == .float32 ? "float" : "double"
        text += "static \(real) run_\(name)(\(real) x, \(real) y) { (void)y; return \(call); }\n"
      }
    }
    text += main
    for compute in ComputeType.allCases {
      for function in ElementaryFunction.allCases {
        let name = "\(function.rawValue)_\(compute.rawValue)"
        text += "  MEASURE(\(compute.rawValue), \(function.rawValue), \(function.arity), \(name))\n"
      }
    }
    return text + "  return 2;\n}\n"
  }

  private static let prelude = """
    #include <math.h>
    #include <stdint.h>
    #include <stdio.h>
    #include <stdlib.h>
    #include <string.h>

    """

  private static let main = #"""
    static uint64_t state;
    static uint64_t next(void) {
      uint64_t z = (state += 0x9E3779B97F4A7C15u);
      z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
      z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
      return z ^ (z >> 31);
    }
    static double unit(void) { return (double)(next() >> 11) * 0x1p-53; }

    static long double ref_exp(long double x, long double y) { (void)y; return expl(x); }
    static long double ref_log(long double x, long double y) { (void)y; return logl(x); }
    static long double ref_tanh(long double x, long double y) { (void)y; return tanhl(x); }
    static long double ref_erf(long double x, long double y) { (void)y; return erfl(x); }
    static long double ref_pow(long double x, long double y) { return powl(x, y); }
    static long double ref_sigmoid(long double x, long double y) {
      (void)y;
      return x < 0 ? expl(x) / (1 + expl(x)) : 1 / (1 + expl(-x));
    }
    /* In double, for float32: fast, and precise enough. */
    static double fast_exp(double x, double y) { (void)y; return exp(x); }
    static double fast_log(double x, double y) { (void)y; return log(x); }
    static double fast_tanh(double x, double y) { (void)y; return tanh(x); }
    static double fast_erf(double x, double y) { (void)y; return erf(x); }
    static double fast_pow(double x, double y) { return pow(x, y); }
    static double fast_sigmoid(double x, double y) {
      (void)y;
      return x < 0 ? exp(x) / (1 + exp(x)) : 1 / (1 + exp(-x));
    }

    static float f32_of(uint64_t bits) {
      union { uint32_t b; float f; } u = { .b = (uint32_t)bits };
      return u.f;
    }
    static double f64_of(uint64_t bits) {
      union { uint64_t b; double f; } u = { .b = bits };
      return u.f;
    }
    static uint64_t bits_f32(float x) { union { float f; uint32_t b; } u = { .f = x }; return u.b; }
    static uint64_t bits_f64(double x) {
      union { double f; uint64_t b; } u = { .f = x };
      return u.b;
    }

    /* Arguments all over the type, or where the functions are neither 0 nor 1 nor infinite. */
    static double unary_f64(void) {
      uint64_t bits = next();
      switch (bits % 4) {
      case 0: return f64_of(next());
      case 1: return 1500 * unit() - 750;
      case 2: return 14 * unit() - 7;
      default: return (bits & 4 ? -1 : 1) * exp2(90 * unit() - 80);
      }
    }
    static void binary(double limit, double *x, double *y) {
      double product = limit * (2 * unit() - 1);
      switch (next() % 4) {
      case 0: *x = exp2(limit * (2 * unit() - 1)); break;
      case 1: *x = exp2(2 * unit() - 1); break;
      case 2: *x = 1 + (unit() - 0.5) * exp2(-30 * unit()); break;
      default: *x = 10 * unit(); break;
      }
      *y = next() % 8 ? product / log2(*x) : floor(40 * unit() - 20);
      if (next() % 16 == 0) *x = -*x;
    }
    static float unary_f32(void) { return f32_of(next()); }
    static void pair_f64(double *x, double *y) {
      if (next() % 16 == 0) { *x = f64_of(next()); *y = f64_of(next()); }
      else binary(1100, x, y);
    }
    static void pair_f32(float *x, float *y) {
      double a, b;
      if (next() % 16 == 0) { a = f32_of(next()); b = f32_of(next()); }
      else binary(152, &a, &b);
      *x = (float)a; *y = (float)b;
    }

    #define ERROR(TYPE, REAL, WIDE, ILOGB, LDEXP, LEAST, MOST, DIGITS) \
      static double error_##TYPE(REAL got, WIDE want, long *faults) { \
        if (want != want) { *faults += got == got; return 0; } \
        if (got != got) { ++*faults; return 0; } \
        if (got == 0 && !signbit(got) != !signbit(want)) { ++*faults; return 0; } \
        if (isinf(got) && isinf((REAL)want)) { *faults += (got > 0) != (want > 0); return 0; } \
        if (isinf(want)) { ++*faults; return 0; } \
        if (want == 0 && got == 0) return 0; \
        int exponent = want == 0 ? LEAST : ILOGB(want); \
        if (exponent < LEAST) exponent = LEAST; \
        if (exponent > MOST) exponent = MOST; \
        WIDE g = isinf(got) ? (got > 0 ? 1 : -1) * LDEXP(1, MOST + 1) : got; \
        return (double)(fabs((double)(g - want)) / (double)LDEXP(1, exponent - DIGITS)); \
      }
    ERROR(f32, float, double, ilogb, ldexp, -126, 127, 23)
    ERROR(f64, double, long double, ilogbl, ldexpl, -1022, 1023, 52)

    #define REF_f32(F) fast_##F
    #define REF_f64(F) ref_##F
    #define REAL_f32 float
    #define REAL_f64 double
    #define WALKS_f32 1
    #define WALKS_f64 0
    #define MEASURE(TYPE, F, ARITY, NAME) \
      if (!strcmp(argv[1], #F "_" #TYPE)) { \
        double worst = 0; REAL_##TYPE worst_x = 0, worst_y = 0; long faults = 0; \
        for (uint64_t i = 0; i < count; ++i) { \
          REAL_##TYPE x = 0, y = 0; \
          if (ARITY == 2 && !values) pair_##TYPE(&x, &y); \
          else if (ARITY == 1 && WALKS_##TYPE && !values) x = f32_of(i * ((1ull << 32) / count)); \
          else if (ARITY == 1 && !values) x = unary_##TYPE(); \
          else { x = TYPE##_of(next()); y = TYPE##_of(next()); } \
          REAL_##TYPE got = run_##NAME(x, y); \
          if (values) { printf("%llu\n", (unsigned long long)bits_##TYPE(got)); continue; } \
          double error = error_##TYPE(got, REF_##TYPE(F)(x, y), &faults); \
          if (error > worst) { worst = error; worst_x = x; worst_y = y; } \
        } \
        if (!values) printf("%.4f %a %a %ld\n", worst, (double)worst_x, (double)worst_y, faults); \
        return 0; \
      }

    int main(int argc, char **argv) {
      if (argc != 4) return 2;
      int values = !strcmp(argv[2], "values");
      uint64_t count = strtoull(argv[3], NULL, 10);
      state = 1;

    """#
}
