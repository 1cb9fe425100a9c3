import Foundation
import Testing

@Suite struct CompareTests {
  @Test func comparesTheArraysOfTwoRuns() throws {
    let tool = try Tool()
    for directory in ["a", "b"] {
      try FileManager.default.createDirectory(
        at: tool.directory.appending(path: directory), withIntermediateDirectories: true)
    }
    try tool.write("a/y.npy", [2], .float64([1, 4]))
    try tool.write("b/y.npy", [2], .float64([1, 4.5]))
    let strict = try tool.run("compare", "a", "b")
    #expect(strict.status == 1)
    #expect(strict.text.contains("4.0e+00         5.0e-01") && strict.text.contains("too large"))
    #expect(try tool.run("compare", "a", "b", "--tolerance", "0.2").status == 0)
    #expect(try tool.run("compare", "a", "b", "--tolerance", "0.12").status == 1)
    #expect(
      try tool.run("compare", "a", "b", "--tolerance", "0.12", "--absolute", "0.02").status == 0)
    try tool.write("a/n.npy", [1], .int64([1]))
    try tool.write("b/n.npy", [1], .int64([2]))
    #expect(try tool.run("compare", "a", "b", "--tolerance", "0.2").status == 1)
    try tool.write("b/n.npy", [1], .int64([1]))
    #expect(try tool.run("compare", "a", "b", "--tolerance", "0.2").status == 0)
    try tool.write("b/z.npy", [1], .float64([1]))
    #expect(try tool.run("compare", "a", "b", "--tolerance", "0.2").status == 1)
    let absent = try tool.run("compare", "a", "absent")
    #expect(absent.messages == "error: absent: cannot be read as a directory\n")
  }
}
