import Foundation
import JIT
import MachineCode
import Testing

/// Functions of machine code, called; all three compilers take their text.
@Suite struct EncodingRunTests {
  @Test(arguments: Toolchain.allCases)
  func divisionsAndJumpsFindAGreatestDivisor(_ toolchain: Toolchain) throws {
    let code = try toolchain.load(
      "divisor", "unsigned long divisor(unsigned long, unsigned long);", greatestDivisor())
    typealias Function = @convention(c) (UInt, UInt) -> UInt
    try withExtendedLifetime(code) {
      let divisor = unsafeBitCast(try #require(code.address(of: "divisor")), to: Function.self)
      #expect(divisor(1071, 462) == 21)
      #expect(divisor(0, 5) == 5)
      #expect(divisor(UInt.max, 3 * 5) == 15)
    }
  }

  @Test(.enabled(if: hasAVX2), arguments: Toolchain.allCases)
  func tailsAreMaskedByTheSignsOfAVector(_ toolchain: Toolchain) throws {
    try expectLines(from: toolchain, linesWithAVX2())
  }

  @Test(.enabled(if: hasAVX512), arguments: Toolchain.allCases)
  func tailsAreMaskedByAMaskRegister(_ toolchain: Toolchain) throws {
    try expectLines(from: toolchain, linesWithAVX512())
  }

  @Test(.enabled(if: hasAVX512), arguments: Toolchain.allCases)
  func vectorsAreWidenedAndFoldedToASum(_ toolchain: Toolchain) throws {
    let code = try toolchain.load("sum", "double sum(const float *, long);", sumWithAVX512())
    typealias Function = @convention(c) (UnsafePointer<Float>, Int) -> Double
    try withExtendedLifetime(code) {
      let sum = unsafeBitCast(try #require(code.address(of: "sum")), to: Function.self)
      // Powers of two: each order of additions gives the same, and each number counts.
      let numbers = (0..<48).map { Float(sign: .plus, exponent: $0, significand: 1) }
      #expect(sum(numbers, 48) == 0x1p48 - 1)
      #expect(sum(numbers, 8) == 255)
    }
  }

  /// Expects `y = a * x + 1.5`, rounded once, and nothing written behind the end.
  private func expectLines(from toolchain: Toolchain, _ image: [UInt8]) throws {
    let code = try toolchain.load(
      "line", "void line(const float *, float *, long, float);", image)
    typealias Function =
      @convention(c) (
        UnsafePointer<Float>, UnsafeMutablePointer<Float>, Int, Float
      ) -> Void
    try withExtendedLifetime(code) {
      let line = unsafeBitCast(try #require(code.address(of: "line")), to: Function.self)
      for count in [0, 1, 7, 8, 9, 15, 16, 17, 63, 64, 65, 1000] {
        let x = (0..<count).map { Float($0) * 0.37 - 11 }
        var y = [Float](repeating: -1, count: count + 16)
        line(x, &y, count, 0.1)
        let expected = x.map { (1.5 as Float).addingProduct(0.1, $0) }
        #expect(Array(y[..<count]) == expected, "\(count) elements")
        #expect(y[count...].allSatisfy { $0 == -1 }, "behind \(count) elements")
      }
    }
  }
}

/// A compiler that takes the text of machine code.
enum Toolchain: CaseIterable {
  case tinyCC, gcc, clang

  /// Loads the function `name`.
  func load(_ name: String, _ prototype: String, _ image: [UInt8]) throws -> LoadedCode {
    let assembly = topLevelAssembly(name, code: image)
    switch self {
    case .tinyCC:
      return .image(try compile(prototype + "\n" + assembly, exports: [name]))
    case .gcc, .clang:
      let compiler = SystemCompiler(command: self == .gcc ? "gcc" : "clang")
      return .library(try compiler.compile([("code.c", assembly + prototype)]))
    }
  }
}

private let processorFlags: Set<Substring> = {
  let text = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
  let line = text.split(separator: "\n").first { $0.hasPrefix("flags") }
  return Set(line?.split(separator: " ") ?? [])
}()

private let hasAVX2 = processorFlags.isSuperset(of: ["avx2", "fma"])
private let hasAVX512 = processorFlags.isSuperset(of: [
  "avx512f", "avx512dq", "avx512bw", "avx512vl", "bmi2",
])

/// Euclid's algorithm, in a function that the exported one calls.
private func greatestDivisor() -> [UInt8] {
  var assembler = Assembler()
  let (euclid, loop, end) = (assembler.label(), assembler.label(), assembler.label())
  assembler.push(.rbx)
  assembler.call(euclid)
  assembler.move(.bits64, .rax, .rbx)
  assembler.pop(.rbx)
  assembler.return()
  assembler.place(euclid)
  assembler.move(.bits64, .rbx, .rdi)
  assembler.place(loop)
  assembler.test(.bits64, .rsi, .rsi)
  assembler.jump(if: .equal, end)
  assembler.move(.bits64, .rax, .rbx)
  assembler.general(.xor, .bits32, .rdx, .register(.rdx))
  assembler.general(.divide, .bits64, .register(.rsi))
  assembler.move(.bits64, .rbx, .rsi)
  assembler.move(.bits64, .rsi, .rdx)
  assembler.jump(loop)
  assembler.place(end)
  assembler.return()
  return assembler.finish()
}

/// `void line(const float *x, float *y, long n, float a)` by 8 elements.
private func linesWithAVX2() -> [UInt8] {
  var assembler = Assembler()
  let (x, y) = (Address(.rdi, index: .rax, scale: .four), Address(.rsi, index: .rax, scale: .four))
  let (a, b, value) = (VectorRegister(0), VectorRegister(9), VectorRegister(2))
  let live = VectorRegister(12)
  let (loop, end) = (assembler.label(), assembler.label())
  let half = assembler.constant(1.5 as Float)
  let counts = assembler.constant((0..<8).flatMap { [$0, 0, 0, 0] as [UInt8] })
  assembler.broadcast(.float32, .ymm, a, .register(a))
  assembler.broadcast(.float32, .ymm, b, .memory(Address(half)))
  assembler.general(.xor, .bits32, .rax, .register(.rax))
  assembler.place(loop)
  assembler.move(.bits64, .rcx, .rdx)
  assembler.general(.subtract, .bits64, .rcx, .register(.rax))
  assembler.jump(if: .lessOrEqual, end)
  assembler.moveBits(.bits32, live, .rcx)
  assembler.broadcast(.int32, .ymm, live, .register(live))
  assembler.compare(.greater, .int32, .ymm, live, live, .memory(Address(counts)))
  assembler.load(.float32, .ymm, value, x, whereSignOf: live)
  assembler.float(.fmadd213, .float32, .ymm, value, a, .register(b))
  assembler.store(.float32, .ymm, y, value, whereSignOf: live)
  assembler.general(.add, .bits64, .rax, .immediate(8))
  assembler.jump(loop)
  assembler.place(end)
  assembler.zeroUpper()
  assembler.return()
  return assembler.finish()
}

/// `void line(const float *x, float *y, long n, float a)` by 16 elements, with a masked tail.
private func linesWithAVX512() -> [UInt8] {
  var assembler = Assembler()
  let (x, y) = (Address(.rdi, index: .rax, scale: .four), Address(.rsi, index: .rax, scale: .four))
  let (a, b, value) = (VectorRegister(16), VectorRegister(17), VectorRegister(25))
  let (loop, test, end) = (assembler.label(), assembler.label(), assembler.label())
  let half = assembler.constant(1.5 as Float)
  assembler.broadcast(.float32, .zmm, a, .register(VectorRegister(0)))
  assembler.broadcast(.float32, .zmm, b, .memory(Address(half)))
  assembler.general(.xor, .bits32, .rax, .register(.rax))
  assembler.loadAddress(.bits64, .rcx, Address(.rdx, displacement: -15))
  assembler.jump(test)
  assembler.place(loop)
  assembler.load(.float(.float32), .zmm, value, x)
  assembler.float(.fmadd213, .float32, .zmm, value, a, .register(b))
  assembler.store(.float(.float32), .zmm, y, value)
  assembler.general(.add, .bits64, .rax, .immediate(16))
  assembler.place(test)
  assembler.general(.compare, .bits64, .rax, .register(.rcx))
  assembler.jump(if: .less, loop)
  assembler.general(.subtract, .bits64, .rdx, .register(.rax))
  assembler.jump(if: .equal, end)
  assembler.move(.rcx, bits: 0xFFFF)
  assembler.bits(.keepLowest, .bits32, .rcx, .register(.rcx), .rdx)
  assembler.maskMove(.bits16, .k5, .general(.rcx))
  assembler.load(.float(.float32), .zmm, value, x, .zeroing(.k5))
  assembler.float(.fmadd213, .float32, .zmm, value, a, .broadcast(Address(half)))
  assembler.store(.float(.float32), .zmm, y, value, .merging(.k5))
  assembler.place(end)
  assembler.zeroUpper()
  assembler.return()
  return assembler.finish()
}

/// `double sum(const float *x, long n)` for multiples of 8 elements.
private func sumWithAVX512() -> [UInt8] {
  var assembler = Assembler()
  let (sum, value, upper) = (VectorRegister(0), VectorRegister(19), VectorRegister(1))
  let loop = assembler.label()
  assembler.clear(sum)
  assembler.place(loop)
  assembler.convert(.float32ToFloat64, .zmm, value, .memory(Address(.rdi)))
  assembler.float(.add, .float64, .zmm, sum, sum, .register(value))
  assembler.general(.add, .bits64, .rdi, .immediate(32))
  assembler.general(.subtract, .bits64, .rsi, .immediate(8))
  assembler.jump(if: .notEqual, loop)
  assembler.extract(.ymm, at: 1, .zmm, .register(upper), sum)
  assembler.float(.add, .float64, .ymm, sum, sum, .register(upper))
  assembler.extract(.xmm, at: 1, .ymm, .register(upper), sum)
  assembler.float(.add, .float64, .xmm, sum, sum, .register(upper))
  assembler.packed(.unpackHigh, .float64, .xmm, upper, sum, .register(sum))
  assembler.float(.add, .float64, .scalar, sum, sum, .register(upper))
  assembler.zeroUpper()
  assembler.return()
  return assembler.finish()
}
