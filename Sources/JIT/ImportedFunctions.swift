import Glibc

/// A function outside of the C text that it may call. `Sendable` since code does not change.
struct ImportedFunction: @unchecked Sendable {
  let name: String
  let address: UnsafeRawPointer

  fileprivate init<Function>(_ name: String, _ function: Function) {
    self.name = name
    address = unsafeBitCast(function, to: UnsafeRawPointer.self)
  }
}

private typealias Float1 = @convention(c) (Float) -> Float
private typealias Float3 = @convention(c) (Float, Float, Float) -> Float
private typealias Double1 = @convention(c) (Double) -> Double
private typealias Double3 = @convention(c) (Double, Double, Double) -> Double
private typealias Copy =
  @convention(c) (UnsafeMutableRawPointer, UnsafeRawPointer, Int) -> UnsafeMutableRawPointer?
private typealias Fill =
  @convention(c) (UnsafeMutableRawPointer, Int32, Int) -> UnsafeMutableRawPointer?
private typealias FloatFromUInt64 = @convention(c) (UInt64) -> Float
private typealias DoubleFromUInt64 = @convention(c) (UInt64) -> Double
private typealias FloatToUInt64 = @convention(c) (Float) -> UInt64
private typealias DoubleToUInt64 = @convention(c) (Double) -> UInt64

/// All that C text may call: what kernels name, and what TinyCC calls of itself.
let importedFunctions: [ImportedFunction] = memoryFunctions + mathFunctions + conversions

/// TinyCC itself calls `memmove` for structures and `memset` for initializers.
private let memoryFunctions: [ImportedFunction] = [
  ImportedFunction("memcpy", memcpy as Copy),
  ImportedFunction("memmove", memmove as Copy),
  ImportedFunction("memset", memset as Fill),
]

/// The functions of `<math.h>` whose results IEEE 754 defines to the last bit.
private let mathFunctions: [ImportedFunction] = [
  ImportedFunction("sqrtf", sqrtf as Float1),
  ImportedFunction("sqrt", sqrt as Double1),
  ImportedFunction("fabsf", fabsf as Float1),
  ImportedFunction("fabs", fabs as Double1),
  ImportedFunction("floorf", floorf as Float1),
  ImportedFunction("floor", floor as Double1),
  ImportedFunction("fmaf", fmaf as Float3),
  ImportedFunction("fma", fma as Double3),
]

/// What TinyCC calls for conversions from and to unsigned 64-bit numbers, else found in libgcc.
/// (Out of range, C leaves the result open; here it is clamped.)
private let conversions: [ImportedFunction] = [
  ImportedFunction("__floatundisf", { Float($0) } as FloatFromUInt64),
  ImportedFunction("__floatundidf", { Double($0) } as DoubleFromUInt64),
  ImportedFunction("__fixunssfdi", { clamped(Double($0)) } as FloatToUInt64),
  ImportedFunction("__fixunsdfdi", { clamped($0) } as DoubleToUInt64),
]

/// The number without its fraction; 0 for what is below and for NaN.
private func clamped(_ number: Double) -> UInt64 {
  guard number > 0 else { return 0 }
  return number < 0x1p64 ? UInt64(number) : UInt64.max
}
