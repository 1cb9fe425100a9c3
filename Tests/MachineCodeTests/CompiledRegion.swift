import CCode
import JIT
import MachineCode
import Testing

/// A region in both forms: a random one, or one that is given.
struct CompiledRegion {
  let seed: UInt64
  let target: Target

  init(seed: UInt64, _ target: Target) {
    (self.seed, self.target) = (seed, target)
  }

  private typealias Function = @convention(c) (UnsafeRawPointer, Int, Int) -> Void

  /// Runs both forms on the same numbers.
  func compareBits<Number: BinaryFloatingPoint>(
    of: Number.Type, counts: [Int] = [0, 1, 15, 16, 17, 63, 64, 65, 200],
    text given: String? = nil
  ) throws {
    guard canRun else { return }
    var random = RandomRegion(seed: seed)
    let type: CComputeType = target.number == .float32 ? .float32 : .float64
    let text = given ?? random.text(type.rawValue)
    let structure = callStructure(type.rawValue)
    let items = CParser.items(of: structure + text)
    let library = Library().adding(Prelude.helpers(type)).adding(items)
    guard case .function? = items.last else {
      Issue.record("seed \(seed): the text cannot be read")
      return
    }
    let code = try machineCode(of: "f", in: library, for: target)
    let prelude = Prelude(type: type, dialect: .memory)
    let source = [
      prelude.opening, structure, prelude.readings, prelude.lanes, text,
      "void plain(const call_of_f *c, size_t a, size_t b) { NAME(f)(c, a, b); }",
      topLevelAssembly("machine", code: code),
    ].joined(separator: "\n")
    let image = try compile(source, exports: ["plain", "machine"])
    for n in counts {
      let expected = try run("plain", of: image, n, Number.self)
      let found = try run("machine", of: image, n, Number.self)
      #expect(found == expected, "seed \(seed), \(target), n = \(n)\n\(text)")
      if found != expected { return }
    }
  }

  /// `true` iff the processor has the instructions.
  private var canRun: Bool {
    switch (target.instructionSet, HostProcessor.current) {
    case (.avx512, .avx512), (.avx2, .avx512), (.avx2, .avx2): true
    case (.avx512, .avx2), (_, .other): false
    }
  }

  /// The bits of all that the function writes, a NaN as one of them.
  private func run<Number: BinaryFloatingPoint>(
    _ name: String, of image: CodeImage, _ n: Int, _: Number.Type
  ) throws -> [UInt64] {
    let address = try #require(image.address(of: name))
    let function = unsafeBitCast(address, to: Function.self)
    let places = 3
    var x = (0..<n).map { Number(($0 * 37 % 101) - 50) / 8 }
    var y = (0..<places * n).map { Number(($0 * 53 % 89) - 44) / 16 }
    if n > 5 { (x[1], x[3], y[2]) = (.infinity, .nan, -0.0) }
    // What lies behind the end must stay.
    var out = [Number](repeating: 7, count: places * n + 64)
    var sums = [Double](repeating: 7, count: places * 16)
    x.withUnsafeMutableBufferPointer { x in
      y.withUnsafeMutableBufferPointer { y in
        out.withUnsafeMutableBufferPointer { out in
          sums.withUnsafeMutableBufferPointer { sums in
            let words: [UInt] = [
              UInt(n), UInt(bitPattern: x.baseAddress), UInt(bitPattern: y.baseAddress),
              UInt(bitPattern: out.baseAddress), UInt(bitPattern: sums.baseAddress),
              UInt(1.25.bitPattern),
            ]
            words.withUnsafeBytes { call in
              if let start = call.baseAddress { function(start, 0, places) }
            }
          }
        }
      }
    }
    return (out.map { Double($0) } + sums).map { $0.isNaN ? UInt64.max : $0.bitPattern }
  }
}
