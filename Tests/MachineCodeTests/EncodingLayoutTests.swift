import JIT
import MachineCode
import Testing

/// What `finish` makes of code, labels and constants.
@Suite struct EncodingLayoutTests {
  @Test func constantsStandAlignedBehindTheCodeOnceEach() {
    var assembler = Assembler()
    let small = assembler.constant(1 as Float)
    let large = assembler.constant([UInt8](0..<64))
    #expect(assembler.constant(0x3F80_0000 as UInt32) == small)
    assembler.load(.float(.float32), .scalar, VectorRegister(1), Address(small))
    assembler.load(.float(.float32), .zmm, VectorRegister(2), Address(large))
    let image = assembler.finish()
    #expect(image.count == 64 + 64 + 4)
    #expect(Array(image[64..<128]) == [UInt8](0..<64))
    #expect(Array(image[128...]) == [0, 0, 0x80, 0x3F])
    // vmovss xmm1, [rip + 120]: eight bytes long, and the constant stands at 128.
    #expect(Array(image[..<8]) == [0xC5, 0xFA, 0x10, 0x0D, 120, 0, 0, 0])
  }

  @Test func topLevelAssemblyIsAFunctionForTinyCC() throws {
    var assembler = Assembler()
    assembler.move(.bits64, .rax, .rdi)
    assembler.general(.add, .bits64, .rax, .immediate(1000))
    assembler.return()
    let text = topLevelAssembly("f", code: assembler.finish())
    let code = try compile("long f(long x);\n" + text, exports: ["f"])
    #expect(try integerFunction("f", in: code)(5) == 1005)
  }

  /// The function `long name(long)` of `code`, kept alive with it.
  private func integerFunction(_ name: String, in code: CodeImage) throws -> (Int) -> Int {
    let address = try #require(code.address(of: name))
    let function = unsafeBitCast(address, to: (@convention(c) (Int) -> Int).self)
    return { argument in withExtendedLifetime(code) { function(argument) } }
  }
}
