/// The vector instructions of the processor that this process runs on.
package enum HostProcessor: Sendable {
  /// AVX-512 with the extensions F, DQ, BW and VL, beside AVX2 and FMA.
  case avx512
  /// AVX2, FMA, F16C and BMI2.
  case avx2
  case other

  /// What the processor says of itself, as far as the system saves the registers.
  package static let current = identified()
}

#if arch(x86_64)
  private func identified() -> HostProcessor {
    guard let image = try? compile(source, exports: ["vector_instructions"]),
      let address = image.address(of: "vector_instructions")
    else { return .other }
    typealias Function = @convention(c) () -> CInt
    switch unsafeBitCast(address, to: Function.self)() {
    case 2: return .avx512
    case 1: return .avx2
    default: return .other
    }
  }
#else
  private func identified() -> HostProcessor { .other }
#endif

/// `cpuid` and `xgetbv` as functions, and what they say as a number.
private let source = #"""
  void identify(unsigned leaf, unsigned *registers);
  unsigned saved_state(void);
  __asm__(
    ".text\n"
    ".globl identify\n"
    "identify:\n"
    "  push %rbx\n"
    "  mov %edi, %eax\n"
    "  xor %ecx, %ecx\n"
    "  cpuid\n"
    "  mov %eax, (%rsi)\n"
    "  mov %ebx, 4(%rsi)\n"
    "  mov %ecx, 8(%rsi)\n"
    "  mov %edx, 12(%rsi)\n"
    "  pop %rbx\n"
    "  ret\n"
    ".globl saved_state\n"
    "saved_state:\n"
    "  xor %ecx, %ecx\n"
    "  .byte 0x0f, 0x01, 0xd0\n"
    "  ret\n"
  );

  static int has(unsigned word, int bit) { return word >> bit & 1; }

  int vector_instructions(void) {
    unsigned first[4], seventh[4], leaf[4], state;
    identify(0, leaf);
    if (leaf[0] < 7) return 0;
    identify(1, first);
    if (!has(first[2], 27) || !has(first[2], 28) || !has(first[2], 12)) return 0;
    if (!has(first[2], 29)) return 0;
    state = saved_state();
    if ((state & 6) != 6) return 0;
    identify(7, seventh);
    if (!has(seventh[1], 5) || !has(seventh[1], 8)) return 0;
    if ((state & 0xe0) != 0xe0) return 1;
    if (!has(seventh[1], 16) || !has(seventh[1], 17)) return 1;
    if (!has(seventh[1], 30) || !has(seventh[1], 31)) return 1;
    return 2;
  }
  """#
