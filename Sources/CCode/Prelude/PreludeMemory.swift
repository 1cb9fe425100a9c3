/// What TinyCC reads instead of the standard headers.
enum PreludeMemory {
  static let types = #"""
    typedef __SIZE_TYPE__ size_t;
    typedef __PTRDIFF_TYPE__ ptrdiff_t;
    typedef unsigned char uint8_t;
    typedef unsigned short uint16_t;
    typedef int int32_t;
    typedef unsigned int uint32_t;
    typedef long long int64_t;
    typedef unsigned long long uint64_t;
    typedef size_t uintptr_t;
    #define bool _Bool
    #define true 1
    #define false 0
    #define NULL ((void *)0)
    #define SIZE_MAX ((size_t)-1)
    #define PTRDIFF_MAX ((ptrdiff_t)(SIZE_MAX / 2))
    #define INFINITY 1e999f
    #define NAN (0.0f * INFINITY)
    float fmaf(float, float, float), sqrtf(float), floorf(float), fabsf(float);
    double fma(double, double, double), sqrt(double), floor(double), fabs(double);
    #define lone_sqrtf sqrtf
    #define lone_sqrt sqrt
    void *memset(void *, int, size_t), *memcpy(void *, const void *, size_t);
    #define HELPER static inline

    """#

  static let executor = #"""
    typedef struct normgen_executor {
      void (*parallel_for)(void *context, size_t pieces, void (*piece)(void *task, size_t i),
                           void *task);
      void *context;
    } normgen_executor;

    """#

  static let floatMode = #"""
    #if defined(__x86_64__)
    typedef uint32_t float_mode;
    HELPER void set_float_mode(float_mode mode) {
      __asm__ volatile(".byte 0x0f, 0xae, 0x17" : : "D"(&mode) : "memory");
    }
    HELPER float_mode enter_float_mode(void) {
      float_mode mode = 0;
      __asm__ volatile(".byte 0x0f, 0xae, 0x1f" : : "D"(&mode) : "memory");
      set_float_mode(0x1f80);
      return mode;
    }
    #else
    typedef int float_mode;
    HELPER void set_float_mode(float_mode mode) {}
    HELPER float_mode enter_float_mode(void) { return 0; }
    #endif

    """#
}
