import Foundation
import NormGen
import TestSupport
import Testing

/// What compilers and sanitizers say of the C of each norm of `specs/`.
@Suite struct CompilerTests {
  /// Optimized, too, the C is compiled without a warning: see `SpecKernels`.
  @Test(arguments: TestNorm.names, Options.Scalar.allCases)
  func compilersHaveNothingToSay(_ name: String, _ type: Options.Scalar) throws {
    try withFiles(of: name, type) { directory in
      for compiler in ["gcc", "clang"] {
        let flags = strictFlags + ["-O0", "-c", "\(name).c", "-o", "\(name).o"]
        let result = try run(compiler, flags, in: directory)
        #expect(result.status == 0 && result.output.isEmpty, "\(compiler): \(result)")
      }
      let tcc = try run("tcc", ["-Wall", "-Werror", "-c", "\(name).c"], in: directory)
      #expect(tcc.status == 0 && tcc.output.isEmpty, "tcc: \(tcc)")
    }
  }

  @Test func headersMayBeIncludedTogetherInCPlusPlus() throws {
    try withDirectory { directory in
      var text = ""
      for name in TestNorm.names {
        let compiled = try compile(TestNorm.ofSpec(name).checked, Options())
        try write(compiled.header, "\(name).h", directory)
        text += "#include \"\(name).h\"\n#include \"\(name).h\"\n"
      }
      try write(text + "int main() { return LAYER_NORM_OK; }\n", "all.cpp", directory)
      let flags = ["-Wall", "-Wextra", "-Wpedantic", "-Werror", "-fsyntax-only", "all.cpp"]
      for compiler in ["g++", "clang++"] {
        let result = try run(compiler, flags, in: directory)
        #expect(result.status == 0 && result.output.isEmpty, "\(compiler): \(result)")
      }
    }
  }

  /// How accesses outside of arrays are found.
  enum Watch: String, CaseIterable {
    /// Scalar code, each access of which the sanitizers see.
    case sanitizers
    /// The widest vectors, by the pages after the arrays.
    case pages

    func build(_ name: String) -> [String] {
      let files = ["driver.c", "\(name).c", "-o", "driver", "-lm"]
      switch self {
      case .sanitizers:
        return ["clang", "-std=gnu11", "-O1", "-g1", "-DNORMGEN_LANES=1"]
          + ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"] + files
      case .pages: return ["gcc", "-std=gnu11", "-O1"] + files
      }
    }
  }

  @Test(arguments: TestNorm.names, Watch.allCases)
  func nothingOutsideOfArraysIsTouched(_ name: String, _ watch: Watch) throws {
    let norm = try TestNorm.ofSpec(name)
    let sizes =
      [[0, 3, 2], [1, 1, 1], [3, 7, 5], [2, 64, 17], [67, 3, 9], [1, 4100, 2], [1100, 2, 3]]
      .map { lengths in norm.sizes { lengths[$0 % 3] } }
    for type in Options.Scalar.wide + [.bfloat16] {
      var options = Options()
      options.type = type
      let compiled = try compile(norm.checked, options)
      let driver = driverText(for: compiled.interface, sizes)
      let result = try ran(driver, name, type, watch)
      #expect(result.status == 0 && result.output.isEmpty, "\(type.rawValue): \(result)")
    }
  }

  /// A driver that cannot fail would show nothing: it finds one element too few.
  @Test(arguments: Watch.allCases) func arraysThatAreTooShortAreFound(_ watch: Watch) throws {
    let compiled = try compile(TestNorm.ofSpec("layer_norm").checked, Options())
    let driver = driverText(for: compiled.interface, [["N": 3, "C": 70]])
    for isGuarded in watch == .pages ? [1] : [0, 1] {
      let short = driver.replacing(", N * C,", with: ", N * C - 1,")
        .replacing("guarded = 0;", with: "guarded = \(isGuarded);")
      #expect(short != driver)
      #expect(try ran(short, "layer_norm", .float32, watch).status != 0)
    }
  }

  /// How the driver of a norm ended.
  private func ran(
    _ driver: String, _ name: String, _ type: Options.Scalar, _ watch: Watch
  ) throws -> (status: Int32, output: String) {
    try withFiles(of: name, type) { directory in
      try write(driver, "driver.c", directory)
      let command = watch.build(name)
      let built = try run(command[0], Array(command.dropFirst()), in: directory)
      try #require(built.status == 0, "\(built.output)")
      return try run("./driver", [], in: directory)
    }
  }

  private func withFiles<Result>(
    of name: String, _ type: Options.Scalar, _ body: (URL) throws -> Result
  ) throws -> Result {
    var options = Options()
    options.type = type
    let compiled = try compile(TestNorm.ofSpec(name).checked, options)
    return try withDirectory { directory in
      try write(compiled.header, "\(name).h", directory)
      try write(compiled.source, "\(name).c", directory)
      return try body(directory)
    }
  }

  private func write(_ text: String, _ name: String, _ directory: URL) throws {
    try text.write(
      to: directory.appendingPathComponent(name), atomically: false, encoding: .utf8)
  }
}
