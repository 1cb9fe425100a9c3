import CCode
import Testing

private let a = CExpression.name("a")
private let b = CExpression.name("b")
private let c = CExpression.name("c")

@Suite struct ExpressionPrinterTests {
  @Test(
    arguments: [
      (.subtract(a, .subtract(b, c)), "a - (b - c)"),
      (.subtract(.subtract(a, b), c), "a - b - c"),
      (.multiply(.add(a, b), c), "(a + b) * c"),
      (.add(.multiply(a, b), c), "a * b + c"),
      (.multiply(.integer(5), .binary(.remainder, a, .integer(2))), "5 * (a % 2)"),
      (.divide(a, .multiply(b, c)), "a / (b * c)"),
      (.negate(.negate(a)), "-(-a)"),
      (.negate(.float(-1)), "-(-1.0f)"),
      (.subtract(a, .negate(b)), "a - -b"),
      (.not(.not(a)), "!!a"),
      (.address(of: .index(a, b)), "&a[b]"),
      (.index(.dereference(a), b), "(*a)[b]"),
      (.member(.dereference(a), "b"), "(*a).b"),
      (.call(.pointerMember(.pointerMember(a, "k"), "f"), [b]), "a->k->f(b)"),
      (.callVariant("step", [a, b]), "NAME(step)(a, b)"),
      (.cast(.float, .add(a, b)), "(float)(a + b)"),
      (.divide(.cast(.double, a), b), "(double)a / b"),
      (.cast(.pointer(toConst: .float), a), "(const float *)a"),
      (.sizeOf(.pointer(to: .float)), "sizeof(float *)"),
      (
        .call("f", .compound(.named("moments"), [CInitializer(a), CInitializer(b)])),
        "f(((moments){a, b}))"
      ),
      (.compound(.named("call"), [CInitializer(a, for: "N")]), "(call){.N = a}"),
    ] as [(CExpression, String)])
  func setsParenthesesWhereTheGrammarNeedsThem(_ expression: CExpression, _ text: String) {
    #expect(expression.text == text)
  }

  @Test(
    arguments: [
      (.and(a, .or(b, c)), "a && (b || c)"),
      (.or(.and(a, b), c), "(a && b) || c"),
      (.or(.or(a, b), c), "a || b || c"),
      (.binary(.shiftLeft, .add(a, b), c), "(a + b) << c"),
      (.add(.binary(.shiftLeft, a, b), c), "(a << b) + c"),
      (.binary(.bitAnd, a, .equal(b, c)), "a & (b == c)"),
      (.binary(.bitOr, .binary(.bitAnd, a, b), c), "(a & b) | c"),
      (.binary(.bitOr, .binary(.bitOr, a, b), c), "a | b | c"),
      (.equal(.less(a, b), c), "(a < b) == c"),
      (.less(.less(a, b), c), "(a < b) < c"),
      (.less(.add(a, b), c), "a + b < c"),
      (.equal(.not(a), b), "(!a) == b"),
      (.and(.not(a), .less(b, c)), "!a && b < c"),
      (.conditional(.less(a, b), a, b), "a < b ? a : b"),
      (.conditional(.add(a, b), a, b), "(a + b) ? a : b"),
      (.add(.conditional(a, b, c), c), "(a ? b : c) + c"),
      (.conditional(a, b, .conditional(b, c, a)), "a ? b : b ? c : a"),
      (.conditional(a, .conditional(b, c, a), b), "a ? (b ? c : a) : b"),
    ] as [(CExpression, String)])
  func setsParenthesesWhereCompilersWarn(_ expression: CExpression, _ text: String) {
    #expect(expression.text == text)
  }

  @Test(
    arguments: [
      (.float(1e-5), "1e-5f"), (.float(0.1), "0.1f"), (.float(-0.0), "-0.0f"), (.float(1), "1.0f"),
      (.float(1e20), "1e20f"), (.float(.leastNonzeroMagnitude), "1e-45f"),
      (.float(.infinity), "INFINITY"), (.float(-.infinity), "-INFINITY"), (.float(.nan), "NAN"),
      (.double(0.1), "0.1"), (.double(1e-5), "1e-5"), (.double(-2.5), "-2.5"),
      (.double(.infinity), "(double)INFINITY"), (.double(-.infinity), "-(double)INFINITY"),
      (.double(.nan), "(double)NAN"), (.integer(.min), "(-9223372036854775807LL - 1)"),
      (.integer(-2_147_483_648), "(-2147483647 - 1)"), (.integer(2_147_483_648), "2147483648LL"),
      (.integer(-7), "-7"), (.size(4096), "4096"), (.size(1 << 40), "1099511627776ull"),
      (.string("a \"b\"\n\\ ??= é"), #""a \"b\"\n\\ \?\?= \303\251""#),
    ] as [(CExpression, String)])
  func writesLiteralsOfEachType(_ expression: CExpression, _ text: String) {
    #expect(expression.text == text)
  }

  @Test func declaresTypesInsideOut() {
    let callback = CType.pointer(
      to: .function(result: .void, parameters: [CParameter(.pointer(to: .void), "task")]))
    #expect(callback.declaring("piece") == "void (*piece)(void *task)")
    let constant = CType.const(.pointer(toConst: .float))
    #expect(constant.declaring("x") == "const float *const x")
    #expect(
      CType.array(of: .named("lanes"), count: .name("VECTORS")).declaring("s")
        == "lanes s[VECTORS]")
    #expect(
      CType.pointer(to: .array(of: .float, count: .size(4))).declaring("x")
        == "float (*x)[4]")
  }
}
