import Basics
import CCode
import Testing

private func name(_ name: String) -> CExpression { .name(name) }

@Suite struct StatementPrinterTests {
  @Test func putsOneShortStatementBehindItsHeader() {
    let step = CStatement.branch(.not(.pointerMember(name("call"), "y")), [.continue])
    #expect(step.text == "if (!call->y) continue;\n")
    let loop = CStatement.count("i", to: name("n"), [.set(.index(name("x"), name("i")), .float(0))])
    #expect(loop.text == "for (size_t i = 0; i < n; i++) x[i] = 0.0f;\n")
  }

  @Test func bracesOtherBodies() {
    let loop = CStatement.count(
      "j", from: name("first"), to: name("last"), by: name("SLOTS"),
      [
        .constant(.float, "d", .index(name("x"), name("j"))),
        .eachVector(
          live: name("n"),
          [
            .branch(
              .less(name("d"), .float(0)), [.add(name("s"), name("d"))],
              otherwise: [.branch(name("q"), [.break], otherwise: [.return(nil)])])
          ]),
      ])
    #expect(
      loop.text == """
        for (size_t j = first; j < last; j += SLOTS) {
          const float d = x[j];
          EACH_VECTOR(v, n) {
            if (d < 0.0f) {
              s += d;
            } else if (q) {
              break;
            } else {
              return;
            }
          }
        }

        """)
  }

  @Test func bracesAnInnerBranchSoThatNoElseDangles() {
    let inner = CStatement.branch(name("b"), [.break])
    let outer = CStatement.branch(name("a"), [inner], otherwise: [.continue])
    #expect(
      outer.text == """
        if (a) {
          if (b) break;
        } else {
          continue;
        }

        """)
  }

  @Test func breaksCallsAtTheirOpenParenthesis() {
    let arguments = (1...8).map { name("quite_a_long_argument_\($0)") }
    #expect(
      CStatement.expression(.callVariant("step", arguments)).text == """
        NAME(step)(quite_a_long_argument_1, quite_a_long_argument_2, quite_a_long_argument_3,
                   quite_a_long_argument_4, quite_a_long_argument_5, quite_a_long_argument_6,
                   quite_a_long_argument_7, quite_a_long_argument_8);

        """)
  }

  @Test func breaksTheOuterExpressionFirst() {
    let inner = CExpression.call("v_load", .add(name("weight_of_the_row"), name("i")), name("n"))
    let statement = CStatement.constant(
      .named("lanes"), "result_of_the_step",
      .call("v_fma", .call("v_mul", inner, name("rstd")), inner, name("bias")))
    #expect(
      statement.text == """
        const lanes result_of_the_step = v_fma(v_mul(v_load(weight_of_the_row + i, n), rstd),
                                               v_load(weight_of_the_row + i, n), bias);

        """)
  }

  @Test func breaksConditionsAfterTheirOperators() {
    let tests = (1...6).map { CExpression.call("supports", .string("feature \($0)")) }
    let condition = CExpression.chain(.and, tests, empty: .integer(1))
    #expect(
      CStatement.branch(condition, [.return(name("best"))]).text == """
        if (supports("feature 1") && supports("feature 2") && supports("feature 3") &&
            supports("feature 4") && supports("feature 5") && supports("feature 6")) {
          return best;
        }

        """)
  }

  @Test func hangsWhatDoesNotFitBehindItsParenthesis() {
    let function = String(repeating: "long_", count: 16) + "name"
    let call = CStatement.expression(.call(function, name("an_argument_of_some_length"), name("b")))
    #expect(call.text == "\(function)(\n    an_argument_of_some_length, b);\n")
  }

  @Test func noLineOfARandomExpressionIsTooLong() {
    for seed in 0..<200 as Range<UInt64> {
      var random = SplitMix64(seed: seed)
      let call = CExpression.call("f", (0..<6).map { _ in random.expression(depth: 4) })
      let text = CStatement.set(name("x"), call).text
      let widest = text.split(separator: "\n").map(\.count).max() ?? 0
      #expect(widest <= 100, "seed \(seed): \(text)")
      let words = text.split(whereSeparator: \.isWhitespace).joined()
      let flat = "x = \(call.text);".split(separator: " ").joined()
      #expect(words == flat, "seed \(seed)")
    }
  }

  @Test func declaresVariablesOfOneBaseTogether() {
    let declaration = CDeclaration(
      .pointer(toConst: .float), [CVariable("x", name("a")), CVariable("y")])
    #expect(CStatement.declaration(declaration).text == "const float *x = a, *y;\n")
  }

  @Test func setsACommentBehindOrBefore() {
    let short = CStatement.commented(.declare(.float, "mg"), "mean[C](g)")
    #expect(short.text == "float mg; /* mean[C](g) */\n")
    let long = CStatement.commented(
      .declare(.float, "mg"), String(repeating: "word ", count: 18) + "end")
    let words = Array(repeating: "word", count: 18).joined(separator: " ")
    #expect(long.text == "/* \(words) end */\nfloat mg;\n")
  }

  @Test func wrapsCommentsAndKeepsThemClosed() {
    let text = Array(repeating: "commentary", count: 9).joined(separator: " ") + " */ x /* y"
    let printed = CStatement.block([.comment(text)]).text
    #expect(
      printed == """
        {
          /* commentary commentary commentary commentary commentary commentary commentary commentary
           * commentary * / x / * y */
        }

        """)
  }

  @Test(arguments: 80...110)
  func noCommentIsTooWide(_ length: Int) {
    let text = "a" + String(repeating: " b", count: length / 2)
    let lines = CStatement.comment(text).text.split(separator: "\n")
    #expect(lines.allSatisfy { $0.count <= 100 })
    #expect(lines.last?.hasSuffix(" */") == true)
  }

  @Test func printsASwitch() {
    let choice = CStatement.choice(
      name("status"),
      [CCase(name("OK"), [.return(.string("ok"))]), CCase(name("BAD"), [.blank, .break])])
    #expect(
      choice.text == """
        switch (status) {
          case OK: return "ok";
          case BAD:

            break;
        }

        """)
  }
}
