import Testing

@testable import NumPyFormat

@Suite struct NumPyHeaderTests {
  @Test(arguments: [
    "{'descr':'<f4','fortran_order':False,'shape':(2,3)}",
    "{ 'shape' : ( 2 , 3 , ) ,\t'fortran_order' : False, 'descr' : '<f4' , }   \n",
    "\n{\"descr\": \"<f4\", \"fortran_order\": False, \"shape\": (2L, 3L)}",
  ])
  func isTolerantInSpacingOrderAndQuotes(text: String) throws {
    let header = try NumPyHeader(parsing: Array(text.utf8))
    #expect(header.type == .float32 && header.order == .little && header.shape == [2, 3])
  }

  @Test func readsShapesOfEachRank() throws {
    #expect(try shape("()") == [])
    #expect(try shape("(7,)") == [7])
    #expect(try shape("(0, 1, 2)") == [0, 1, 2])
    let most = Array(repeating: "1", count: 64).joined(separator: ", ")
    #expect(try shape("(\(most))").count == 64)
  }

  @Test(arguments: [
    ("", "expected '{' at byte 0 of it"),
    ("{", "it ends where a string should stand"),
    ("{}", "'descr' is missing"),
    ("{'descr': '<f4', 'shape': ()}", "'fortran_order' is missing"),
    ("{'descr': '<f4', 'fortran_order': False}", "'shape' is missing"),
    ("{'descr': '<f4', 'descr': '<f4'}", "'descr' stands twice"),
    ("{'colour': 1}", "'colour' is not one of 'descr', 'fortran_order', 'shape'"),
    ("{'descr' '<f4'}", "expected ':' at byte 9 of it"),
    ("{'descr': <f4}", "expected a string in quotes at byte 10 of it"),
    ("{'descr': '<f4}", "a string has no closing quote"),
    ("{'descr': '<f4', 'fortran_order': 0}", "expected True or False at byte 34 of it"),
    ("{'d\\x41': '<f4'}", "expected plain ASCII in a string at byte 1 of it"),
    ("{'descr': '<f4'} {", "text follows the dictionary"),
    ("{'shape': (3)}", "expected ',' at byte 12 of it"),
    ("{'shape': (-3,)}", "expected a size from 0 at byte 11 of it"),
    ("{'shape': (1, 99999999999999999999)}", "a size of the shape is too large"),
    ("{'shape': [3]}", "expected '(' at byte 10 of it"),
  ])
  func saysWhatIsMalformed(text: String, expectation: String) {
    #expect(throws: HeaderProblem.malformed(expectation)) {
      try NumPyHeader(parsing: Array(text.utf8))
    }
  }

  @Test func refusesMoreDimensionsThanNumPyHas() {
    let tooMany = Array(repeating: "1", count: 65).joined(separator: ", ")
    #expect(throws: HeaderProblem.malformed("the shape has more than 64 dimensions")) {
      try shape("(\(tooMany))")
    }
  }

  @Test(arguments: ["f4", "=f4", "|f4", "<b3", "<f16", "<", "", "<U3", "|O", "|f2", "|V4"])
  func refusesTypesThatNoNormTakes(descriptor: String) {
    let text = "{'descr': '\(descriptor)', 'fortran_order': False, 'shape': ()}"
    #expect(throws: HeaderProblem.problem(.unknownType("'\(descriptor)'"))) {
      try NumPyHeader(parsing: Array(text.utf8))
    }
  }

  @Test func theCountOfElementsIsCheckedForOverflow() throws {
    #expect(try header("(4294967296, 4294967296)").count == nil)
    // The count fits, the bytes do not.
    #expect(try header("(4611686018427387904,)").count == nil)
    #expect(try header("(9223372036854775807, 0)").count == 0)
    #expect(try header("(1024, 1024, 1024)").count == 1 << 30)
  }

  private func header(_ shape: String) throws -> NumPyHeader {
    let text = "{'descr': '<f8', 'fortran_order': False, 'shape': \(shape), }"
    return try NumPyHeader(parsing: Array(text.utf8))
  }

  private func shape(_ text: String) throws -> [Int] { try header(text).shape }
}
