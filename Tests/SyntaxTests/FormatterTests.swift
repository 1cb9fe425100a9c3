import Basics
import Testing

@testable import Syntax

@Suite struct FormatterTests {
  @Test(arguments: SpecFiles.names)
  func aShippedSpecIsFormatted(name: String) throws {
    let source = try SpecFiles.source(name)
    #expect(formatted(source.text) == source.text)
  }

  @Test(arguments: NamedSpec.valid)
  func formattingTwiceChangesNothing(spec: NamedSpec) throws {
    let once = try #require(formatted(spec.source.text))
    #expect(formatted(once) == once)
  }

  @Test(arguments: NamedSpec.valid)
  func formattingKeepsTheMeaning(spec: NamedSpec) throws {
    // Without its line ends a spec means the same; comments need theirs.
    let lines = spec.source.text.split(separator: "\n").map { line in
      line.firstRange(of: "//").map { String(line[..<$0.lowerBound]) } ?? String(line)
    }
    let crowded = lines.joined(separator: "  ")
    let text = try #require(formatted(crowded))
    let before = checked(spec.source.text)
    #expect(before.messages == "")
    let isSame = checked(text).norms.map(\.meaning) == before.norms.map(\.meaning)
    #expect(isSame, "\(text)")
  }

  @Test(arguments: NamedSpec.valid)
  func formattingKeepsAllComments(spec: NamedSpec) throws {
    let text = try #require(formatted(spec.source.text.replacing("  ", with: "\t")))
    #expect(comments(of: text) == comments(of: spec.source.text))
  }

  private func comments(of text: String) -> [String] {
    var log = DiagnosticLog()
    let tree = parse(SourceFile(name: "test.norm", text: text), into: &log)
    return tree?.comments.map(\.text) ?? ["unreadable"]
  }

  @Test func aCrowdedSpecGetsItsLayout() {
    let crowded = """
      // Before.
      norm f(x[N...,C],r[ N..., C ])->y,z{scalar eps=1e-5,k
      param w[ C ]=1  // behind
      // alone


      group C into G=2
        reduce C/G  where x>0 center divide by std track ema(momentum:0.1),unbiased
      train{a=-x^-2 gradient of a by da{grad x=(da)}}
      eval{  a=if x<0 and not x>1 then size( C/G )else x mod 2  }
        // inside
      z=a*(w+r)  yy = 2 }  // after
      norm g(x[C])->y{y=x}
      // end
      """
    let expected = """
      // Before.
      norm f(x[N..., C], r[N..., C]) -> y, z {
        scalar eps = 1e-5, k
        param  w[C] = 1  // behind
        // alone

        group C into G = 2
        reduce C/G where x > 0
        center
        divide by std
        track ema(momentum: 0.1), unbiased
        train {
          a = -x^-2
          gradient of a by da {
            grad x = (da)
          }
        }
        eval { a = if x < 0 and not x > 1 then size(C/G) else x mod 2 }
        // inside
        z  = a * (w + r)
        yy = 2
      }  // after

      norm g(x[C]) -> y {
        y = x
      }

      // end

      """
    #expect(formatted(crowded) == expected)
    #expect(formatted(expected) == expected)
  }

  @Test func commentsInOddPlacesAreKept() {
    let odd = """
      norm f( // head
        x[C] // tensor
      ) -> y { // opening
        y = x // first
          + 1 // second

        train { // phase
          // only a comment
        }
        eval { a = 2 // in eval
        }
        // last
      } // closing
      """
    let expected = """
      // head
      // tensor
      norm f(x[C]) -> y {  // opening
        // first
        y = x + 1  // second

        train {  // phase
          // only a comment
        }
        eval {
          a = 2  // in eval
        }
        // last
      }  // closing

      """
    #expect(formatted(odd) == expected)
    #expect(formatted(expected) == expected)
  }

  @Test func aSpecThatCannotBeReadIsNotFormatted() {
    #expect(formatted("norm f(x[C]) -> y { y = }") == nil)
  }
}

/// Returns `text` in the standard layout, or `nil`.
func formatted(_ text: String) -> String? {
  var diagnostics = DiagnosticSet()
  return format(SourceFile(name: "test.norm", text: text), into: &diagnostics)
}
