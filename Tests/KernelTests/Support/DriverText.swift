import LoopIR
import NormGen

/// A C program that calls every function of a norm on arrays of exactly their lengths: once from
/// malloc, where a sanitizer watches both ends, once before a page that cannot be touched, which
/// stops vector instructions, too.
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
      release();
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
    \(calls.joined(separator: "\n"))
      }
      return 0;
    }
    """
}

/// The declarations and calls of one phase.
private func body(_ interface: KernelInterface, _ phase: CallPhase) -> [String] {
  var lines = [
    "void *const workspace = array(\(interface.workspaceSymbol)"
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
    case .bfloat16, .float16: 4
    case .int64, .double, .size, .bool, .bytes, .executor: 0
    }
  let count = (argument.shape ?? []).flatMap(\.extents).map(text).joined(separator: " * ")
  return "\(type) *const \(argument.name) = "
    + "array(\(count.isEmpty ? "1" : count), sizeof(\(type)), \(kind));"
}

private func text(_ extent: ArrayDimension.Extent) -> String {
  switch extent {
  case .size(let name): name
  case .fixed(let number): "(size_t)\(number)"
  case .quotient(let whole, let part): "(\(text(whole)) / \(text(part)))"
  }
}

private let memoryText = #"""
  #include <stdio.h>
  #include <stdlib.h>
  #include <string.h>
  #include <sys/mman.h>

  static int guarded;
  static struct { void *start; size_t bytes; } blocks[64];
  static int count_of_blocks;

  static double next_random(void) {
    static uint64_t state = 1;
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (double)(state >> 40) / 8388608.0 - 0.5;
  }

  /* kind: 1 is a mask, 2 float, 3 double, 4 any 16 bits; all else is zeros. */
  static void *array(size_t count, size_t size, int kind) {
    const size_t page = 4096, bytes = count * size, pages = (bytes + page - 1) / page * page;
    unsigned char *memory, *start;
    if (guarded) {
      memory = mmap(NULL, pages + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
      if (memory == MAP_FAILED || mprotect(memory + pages, page, PROT_NONE)) exit(3);
      start = memory + pages - bytes;
    } else {
      memory = start = malloc(bytes);
    }
    blocks[count_of_blocks].start = memory;
    blocks[count_of_blocks++].bytes = pages + page;
    if (bytes) memset(start, 0, bytes);
    for (size_t i = 0; i < count; i++) {
      if (kind == 1) start[i] = next_random() > 0;
      if (kind == 2) ((float *)(void *)start)[i] = (float)next_random();
      if (kind == 4) ((uint16_t *)(void *)start)[i] = (uint16_t)(int)(next_random() * 65535);
      if (kind == 3) ((double *)(void *)start)[i] = next_random();
    }
    return start;
  }

  static void release(void) {
    while (count_of_blocks > 0) {
      count_of_blocks--;
      if (guarded) munmap(blocks[count_of_blocks].start, blocks[count_of_blocks].bytes);
      else free(blocks[count_of_blocks].start);
    }
  }

  static void check(int status) {
    if (status) {
      fprintf(stderr, "a call returned %d\n", status);
      exit(2);
    }
  }
  """#
