import Basics
import Foundation
import Syntax
import Testing

@testable import NormGen
@testable import Passes

@Suite struct ScratchTests {
  @Test func dump() throws {
    for name in ProcessInfo.processInfo.environment["SPECS"]!.split(separator: " ") {
      let text = try String(contentsOfFile: "specs/\(name).norm", encoding: .utf8)
      var d = DiagnosticSet()
      let norms = check(SourceFile(name: "x.norm", text: text), into: &d)
      for norm in norms {
        let c = try NormGen.compile(norm, Options()) { stage, text in
          if ProcessInfo.processInfo.environment["STAGE"] == stage.rawValue { print(text()) }
        }
        try c.source.write(toFile: "/tmp/out/\(norm.name).c", atomically: true, encoding: .utf8)
        try c.header.write(toFile: "/tmp/out/\(norm.name).h", atomically: true, encoding: .utf8)
        try c.jitSource.write(
          toFile: "/tmp/out/\(norm.name).jit.c", atomically: true, encoding: .utf8)
      }
    }
  }
}
