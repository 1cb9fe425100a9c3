import LoopIR
import NormGen

/// A C program that calls every function of a norm on arrays of exactly their lengths: once from
/// malloc, where a sanitizer watches both ends, once before a page that cannot be touched, which
/// stops vector instructions, too. With -DREPORT it writes a number for the bits of each array
/// after the calls, the first time some numbers are special, and the second time calls begin with
/// another rounding.
func driverText(for interface: KernelInterface, _ cases: [[String: Int]]) -> String {
  let sizes = interface.sizes.map(\.name)
  let parameters = sizes.map { "size_t \($0)" }.joined(separator: ", ")
  let phases = CallPhase.allCases.filter { phase in
    interface.functions.contains {
      $0.phase == phase && $0.direction == .forward && $0.event == nil
    }
  }
  let runs = phases.map { phase in
    """
    static void run_\(phase.rawValue)(\(parameters.isEmpty ? "void" : parameters)) {
    \(body(interface, phase).map { "  " + $0 }.joined(separator: "\n"))
      release("\(phase.rawValue)");
    }
    """
  }
  let calls = cases.flatMap { given in
    phases.map { phase in
      let numbers = sizes.map { String(given[$0] ?? 1) }.joined(separator: ", ")
      return "    run_\(phase.rawValue)(\(numbers));"
    }
  }
  return """
    #include <stdbool.h>
    #include <stdint.h>
    #include "\(interface.prefix).h"
    \(memoryText)
    \(runs.joined(separator: "\n"))
    int main(void) {
      for (guarded = 0; guarded < 2; guarded++) {
        special_numbers = !guarded;
    \(calls.joined(separator: "\n"))
      }
      return 0;
    }
    """
}

/// The declarations and calls of one phase.
private func body(_ interface: KernelInterface, _ phase: CallPhase) -> [String] {
  var lines = [
    "void *const workspace = array(\"workspace\", \(interface.workspaceSymbol)"
      + "(\(interface.sizes.map(\.name).joined(separator: ", "))), 1, 0);"
  ]
  var declared: Set<String> = ["workspace"]
  for direction in [Direction.forward, .backward] {
    guard let function = interface.function(direction, phase) else { continue }
    var passed: [String] = []
    for argument in function.arguments {
      if argument.role == .executor {
        passed.append("NULL")
      } else if argument.role == .saved, argument.shape == nil {
        passed.append("*" + argument.name)
      } else if argument.shape == nil {
        passed.append(value(argument))
      } else {
        if declared.insert(argument.name).inserted {
          lines.append(declaration(argument, interface))
        }
        passed.append(argument.name)
      }
    }
    lines.append("round_otherwise();")
    lines.append("check(\(function.symbol)(\(passed.joined(separator: ", "))));")
  }
  return lines
}

private func value(_ argument: KernelArgument) -> String {
  switch argument.role {
  case .size: argument.name
  case .counter: "3"
  default: argument.type == .bool ? "true" : "0.125"
  }
}

private func declaration(_ argument: KernelArgument, _ interface: KernelInterface) -> String {
  let type =
    switch argument.type {
    case .real: interface.type == .float32 ? "float" : "double"
    case .bfloat16, .float16: "uint16_t"
    case .mask: "uint8_t"
    case .int64: "int64_t"
    case .double, .size, .bool, .bytes, .executor: "double"
    }
  let kind =
    switch argument.type {
    case .mask: 1
    case .real: type == "float" ? 2 : 3
    case .bfloat16: 4
    case .float16: 5
    case .int64, .double, .size, .bool, .bytes, .executor: 0
    }
  let count = (argument.shape ?? []).flatMap(\.extents).map(text).joined(separator: " * ")
  return "\(type) *const \(argument.name) = "
    + "array(\"\(argument.name)\", \(count.isEmpty ? "1" : count), sizeof(\(type)), \(kind));"
}

private func text(_ extent: ArrayDimension.Extent) -> String {
  switch extent {
  case .size(let name): name
  case .fixed(let number): "(size_t)\(number)"
  case .quotient(let whole, let part): "(\(text(whole)) / \(text(part)))"
  case .product(let factors): "(\(factors.map(text).joined(separator: " * ")))"
  }
}

private let memoryText = #"""
  #include <fenv.h>
  #include <math.h>
  #include <stdio.h>
  #include <stdlib.h>
  #include <string.h>
  #include <sys/mman.h>

  static int guarded, special_numbers;
  static struct block {
    const char *name;
    void *start, *elements;
    size_t bytes, count;
    int kind;
  } blocks[64];
  static int count_of_blocks;

  static uint64_t next_state(void) {
    static uint64_t state = 1;
    return state = state * 6364136223846793005u + 1442695040888963407u;
  }

  static double next_random(void) {
    const uint64_t state = next_state();
  #ifdef REPORT
    static const double special[8] = {0, -0.0, 1e-40, -3e-42, 3e38, INFINITY, -INFINITY, NAN};
    const unsigned place = state >> 20 & 511;
    if (place < 8 && special_numbers) return special[place];
  #endif
    return (double)(state >> 40) / 8388608.0 - 0.5;
  }

  /* A number for the bits of an array, in which a NaN is any NaN. */
  static uint64_t bits_of(const struct block *block) {
    uint64_t sum = 14695981039346656037u;
    for (size_t i = 0; i < block->count; i++) {
      uint64_t bits = 0;
      if (block->kind == 2) {
        const float number = ((const float *)block->elements)[i];
        if (isnan(number)) bits = 1; else memcpy(&bits, &number, sizeof number);
      } else if (block->kind == 3) {
        const double number = ((const double *)block->elements)[i];
        if (isnan(number)) bits = 1; else memcpy(&bits, &number, sizeof number);
      } else if (block->kind >= 4) {
        bits = ((const uint16_t *)block->elements)[i];
        if ((bits & 0x7fff) > (block->kind == 4 ? 0x7f80 : 0x7c00)) bits = 1;
      } else if (block->kind == 1) {
        bits = ((const unsigned char *)block->elements)[i];
      }
      sum = (sum ^ bits) * 1099511628211u;
    }
    return sum;
  }

  static void round_otherwise(void) {
  #ifdef REPORT
    if (guarded) fesetround(FE_UPWARD);
  #endif
  }

  /* kind: 1 is a mask, 2 float, 3 double, 4 bfloat16 and 5 float16, all else is zeros. */
  static void *array(const char *name, size_t count, size_t size, int kind) {
    const size_t page = 4096, bytes = count * size, pages = (bytes + page - 1) / page * page;
    unsigned char *memory, *start;
    if (guarded) {
      memory = mmap(NULL, pages + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
      if (memory == MAP_FAILED || mprotect(memory + pages, page, PROT_NONE)) exit(3);
      start = memory + pages - bytes;
    } else {
      memory = start = malloc(bytes);
    }
    blocks[count_of_blocks++] =
        (struct block){name, memory, start, pages + page, count, kind};
    if (bytes) memset(start, 0, bytes);
    for (size_t i = 0; i < count; i++) {
      if (kind == 1) start[i] = next_random() > 0;
      if (kind == 2) ((float *)(void *)start)[i] = (float)next_random();
      if (kind >= 4) {
        const unsigned any = next_state() >> 40;
        ((uint16_t *)(void *)start)[i] = (uint16_t)(special_numbers ? any : any & 0xbfff);
      }
      if (kind == 3) ((double *)(void *)start)[i] = next_random();
    }
    return start;
  }

  static void release(const char *phase) {
    static int calls;
    calls++;
    while (count_of_blocks > 0) {
      count_of_blocks--;
  #ifdef REPORT
      const struct block *const block = &blocks[count_of_blocks];
      printf("call %d, %s, %zu of %s: %016llx\n", calls, phase, block->count, block->name,
             (unsigned long long)bits_of(block));
  #else
      (void)phase, (void)bits_of;
  #endif
      if (guarded) munmap(blocks[count_of_blocks].start, blocks[count_of_blocks].bytes);
      else free(blocks[count_of_blocks].start);
    }
  }

  static void check(int status) {
  #ifdef REPORT
    fesetround(FE_TONEAREST);
  #endif
    if (status) {
      fprintf(stderr, "a call returned %d\n", status);
      exit(2);
    }
  }
  """#
