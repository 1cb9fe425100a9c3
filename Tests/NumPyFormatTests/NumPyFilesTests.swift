import Foundation
import Testing

@testable import NumPyFormat

/// Reads what NumPy itself wrote.
@Suite struct NumPyFilesTests {
  private let numbers: [Double] = [0, 1.5, -2, .infinity, -0.0, 1.0 / 3]

  @Test(arguments: ["little", "big"])
  func readsFloatsOfBothOrders(order: String) throws {
    let half = try array("\(order)_f2")
    #expect(half == NumPyArray(shape: [2, 3], elements: .float16(numbers.map { Float16($0) })))
    let single = try array("\(order)_f4")
    #expect(single == NumPyArray(shape: [2, 3], elements: .float32(numbers.map { Float($0) })))
    let double = try array("\(order)_f8")
    #expect(double == NumPyArray(shape: [2, 3], elements: .float64(numbers)))
    guard case .float64(let values) = double.elements else { return }
    #expect(values[4].sign == .minus)
  }

  @Test(arguments: ["little", "big"])
  func readsIntegersOfBothOrders(order: String) throws {
    let integers: [Int32] = [.min, -1, 0, .max]
    #expect(
      try array("\(order)_i4") == NumPyArray(shape: [4], elements: .int32(integers)))
    #expect(
      try array("\(order)_i8")
        == NumPyArray(shape: [4], elements: .int64(integers.map { Int64($0) })))
  }

  @Test func readsBytesAndConditions() throws {
    #expect(
      try array("bool") == NumPyArray(shape: [3], elements: .bool([true, false, true])))
    #expect(try array("uint8") == NumPyArray(shape: [3], elements: .uint8([0, 255, 7])))
  }

  /// NumPy writes two bytes without meaning as `|V2`; packages that add the type, as `<V2`.
  @Test(arguments: ["little_V2", "bytes_V2"])
  func readsTwoBytesAsBfloat16(name: String) throws {
    let bits: [UInt16] = [0x0000, 0x3FC0, 0xC000, 0x7F80, 0x8000, 0x3EAB]
    #expect(try array(name) == NumPyArray(shape: [2, 3], elements: .bfloat16(bits)))
  }

  @Test func readsANumberAndAnEmptyArray() throws {
    #expect(try array("scalar") == NumPyArray(shape: [], elements: .float64([2.5])))
    #expect(try array("empty") == NumPyArray(shape: [2, 0, 3], elements: .float32([])))
  }

  @Test(arguments: ["version_2", "version_3"])
  func readsLaterVersions(name: String) throws {
    #expect(try array(name) == NumPyArray(shape: [2, 3], elements: .float64(numbers)))
  }

  @Test func refusesWhatNoNormTakes() {
    expectProblem("fortran", .fortranOrder)
    expectProblem("complex", .unknownType("'<c16'"))
    expectProblem("records", .unknownType("'record'"))
  }

  /// Every file but those of other orders or versions is what this module writes for its array.
  @Test(arguments: [
    "little_f2", "little_V2", "little_f4", "little_f8", "little_i4", "little_i8", "bool", "uint8",
    "scalar",
    "empty",
  ])
  func writesTheBytesThatNumPyWrites(name: String) throws {
    let bytes = try [UInt8](Data(contentsOf: URL(filePath: path(name))))
    #expect(try NumPyArray(decoding: bytes, name: name).encoded() == bytes)
  }

  @Test func namesTheFileAndTheReasonOfTheSystem() {
    let error = #expect(throws: NumPyError.self) { try NumPyArray(contentsOf: "absent.npy") }
    #expect(error?.description == "absent.npy: cannot be read: No such file or directory")
    let folder = #expect(throws: NumPyError.self) { try NumPyArray(contentsOf: "/") }
    #expect(folder?.description == "/: cannot be read: Is a directory")
  }

  @Test func readsTheDigits() throws {
    let data = URL(filePath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "Data")
    let digits = try NumPyArray(contentsOf: data.appending(path: "digits.npy").path)
    #expect(digits.shape == [1797, 64])
    guard case .float32(let pixels) = digits.elements else {
      Issue.record("digits.npy holds \(digits.elements.type)")
      return
    }
    // The sum is NumPy's, of the CSV file that the digits come from.
    #expect(pixels.reduce(0) { $0 + Int($1) } == 561_718)
    #expect(pixels.min() == 0 && pixels.max() == 16)
    let target = try NumPyArray(contentsOf: data.appending(path: "digits_target.npy").path)
    #expect(target.shape == [1797])
    guard case .int64(let labels) = target.elements else {
      Issue.record("digits_target.npy holds \(target.elements.type)")
      return
    }
    #expect(labels.prefix(10) == [0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
  }

  private func expectProblem(_ name: String, _ problem: NumPyError.Problem) {
    let error = #expect(throws: NumPyError.self) { try array(name) }
    #expect(error == NumPyError(file: path(name), problem: problem))
  }

  private func array(_ name: String) throws -> NumPyArray {
    try NumPyArray(contentsOf: path(name))
  }

  private func path(_ name: String) -> String {
    URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "Arrays/\(name).npy").path
  }
}
