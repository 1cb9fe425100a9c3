import Glibc
import JIT
import Testing

@Suite struct TinyCCTests {
  @Test func callsWhatItCompiled() throws {
    let code = try compile("int twice(int x) { return 2 * x; }", exports: ["twice"])
    #expect(try integerFunction("twice", in: code)(21) == 42)
  }

  @Test func constantsAreReadAndFunctionsCallEachOther() throws {
    let code = try compile(
      """
      static const int table[4] = {2, 3, 5, 7};
      static int square(int x) { return x * x; }
      int f(int i) { return square(table[i]); }
      """, exports: ["f"])
    #expect(try (0..<4).map { try integerFunction("f", in: code)(Int32($0)) } == [4, 9, 25, 49])
  }

  @Test func importsHaveTheirResults() throws {
    let code = try compile(
      """
      float sqrtf(float), fmaf(float, float, float), floorf(float), fabsf(float);
      double sqrt(double), fma(double, double, double), floor(double), fabs(double);
      double f(double x, double y, double z) {
        return sqrt(x) + 10 * fma(x, y, z) + 100 * floor(y) + 1000 * fabs(z)
          + 10000 * (sqrtf(x) + 10 * fmaf(x, y, z) + 100 * floorf(y) + 1000 * fabsf(z));
      }
      """, exports: ["f"])
    let function = try #require(code.address(of: "f"))
    typealias Double3 = @convention(c) (Double, Double, Double) -> Double
    let value = unsafeBitCast(function, to: Double3.self)(4, 2.5, -3)
    #expect(value == 3272 * 10001)
  }

  @Test func unsignedSizesConvertToDoubleAndBack() throws {
    let code = try compile(
      """
      double widen(unsigned long n) { return n; }
      unsigned long narrow(double x) { return x; }
      """, exports: ["widen", "narrow"])
    let widen = unsafeBitCast(
      try #require(code.address(of: "widen")), to: (@convention(c) (UInt) -> Double).self)
    let narrow = unsafeBitCast(
      try #require(code.address(of: "narrow")), to: (@convention(c) (Double) -> UInt).self)
    for n: UInt in [0, 1, 4099, 1 << 53, (1 << 53) + 1, 1 << 63, .max] {
      #expect(widen(n) == Double(n))
    }
    for x: Double in [0, 0.75, 4099.5, 0x1p53, 0x1p63, 0x1.8p63] { #expect(narrow(x) == UInt(x)) }
  }

  @Test func structuresAndInitializersNeedNoLibrary() throws {
    let code = try compile(
      """
      typedef struct { long part[6]; } six;
      static six copied(six a) { return a; }
      long f(long x) {
        six a = {{x, 1}};
        six b = copied(a);
        return b.part[0] + b.part[1] + b.part[5];
      }
      """, exports: ["f"])
    let function = try #require(code.address(of: "f"))
    #expect(unsafeBitCast(function, to: (@convention(c) (Int) -> Int).self)(41) == 42)
  }

  @Test func errorsAreTinyCCsWithTheLine() {
    let error = #expect(throws: JITError.self) {
      try compile("int f(int x) {\n  return y + 1;\n}", exports: ["f"])
    }
    guard case .compilation(let text) = error else {
      Issue.record("not a compilation error: \(String(describing: error))")
      return
    }
    #expect(text.contains(":2: error:"))
  }

  @Test func warningsAreErrors() {
    let error = #expect(throws: JITError.self) {
      try compile("int f(int x) { return g(x); }", exports: ["f"])
    }
    #expect(error?.description.contains("implicit declaration of function 'g'") == true)
  }

  @Test func undefinedSymbolsAreNamed() {
    let error = #expect(throws: JITError.self) {
      try compile("int g(int); int f(int x) { return g(x); }", exports: ["f"])
    }
    guard case .undefinedSymbols(let text) = error else {
      Issue.record("not an undefined symbol: \(String(describing: error))")
      return
    }
    #expect(text.contains("'g'"))
  }

  @Test func exportsThatAreNotThereAreNamed() {
    #expect(throws: JITError.undefinedSymbols("g")) {
      try compile("int f(int x) { return x; }", exports: ["f", "g"])
    }
  }

  @Test func headersAreNotRead() {
    for source in ["#include <stdio.h>\n", "  # include \"/etc/passwd\"\n"] {
      #expect(throws: JITError.refused("line 1 includes a file")) {
        try compile(source, exports: [])
      }
    }
  }

  @Test func codeIsReadableAndExecutableButNotWritable() throws {
    let code = try compile("int f(int x) { return x; }", exports: ["f"])
    let address = try #require(code.address(of: "f"))
    #expect(try protection(of: address) == "r-xp")
  }

  @Test func theHeapIsNeverExecutable() throws {
    for _ in 0..<20 { _ = try compile("int f(int x) { return x; }", exports: ["f"]) }
    for line in try memoryMap() where line.hasSuffix("[heap]") {
      #expect(!line.contains("x"), "\(line)")
    }
  }

  @Test func codeIsFreedWithItsImage() throws {
    let source = "static const char large[1 << 20] = {1}; int f(int x) { return large[x]; }"
    var address: UnsafeRawPointer?
    do {
      let code = try compile(source, exports: ["f"])
      address = code.address(of: "f")
      #expect(code.byteCount >= 1 << 20)
      #expect(try protection(of: #require(address)) == "r-xp")
      withExtendedLifetime(code) {}
    }
    // Other tests may map memory there, but none maps as much code.
    let before = try executableBytes()
    for _ in 0..<50 { _ = try compile(source, exports: ["f"]) }
    #expect(try executableBytes() - before < 25 << 20)
  }
}

/// The exported function of that name, of an `int` to an `int`.
func integerFunction(_ name: String, in code: CodeImage) throws -> (Int32) -> Int32 {
  let address = try #require(code.address(of: name))
  let function = unsafeBitCast(address, to: (@convention(c) (Int32) -> Int32).self)
  return { argument in withExtendedLifetime(code) { function(argument) } }
}

/// The lines of `/proc/self/maps`.
private func memoryMap() throws -> [Substring] {
  let file = try #require(fopen("/proc/self/maps", "r"))
  defer { fclose(file) }
  var bytes: [UInt8] = []
  while case let byte = getc(file), byte != EOF { bytes.append(UInt8(truncatingIfNeeded: byte)) }
  return String(decoding: bytes, as: UTF8.self).split(separator: "\n")
}

/// The first address and the one behind the last of a line of the memory map.
private func addresses(_ line: Substring) throws -> Range<UInt> {
  let ends = line.prefix { $0 != " " }.split(separator: "-").compactMap { UInt($0, radix: 16) }
  try #require(ends.count == 2)
  return ends[0]..<ends[1]
}

/// `r-xp`, say.
private func protection(of address: UnsafeRawPointer) throws -> Substring {
  let line = try #require(
    try memoryMap().first { try addresses($0).contains(UInt(bitPattern: address)) })
  return line.split(separator: " ")[1]
}

/// The size of all memory that is executable and belongs to no file.
private func executableBytes() throws -> Int {
  try memoryMap().filter { $0.contains("r-xp") && !$0.contains("/") }
    .map { try addresses($0).count }.reduce(0, +)
}
