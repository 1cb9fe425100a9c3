import CCode
import Testing

/// The text for compilers alone: the same program as the readable text, without comments.
@Suite struct PlainPrinterTests {
  private let x = CExpression.name("x")

  private func plain(_ body: [CStatement]) -> String {
    CFile([.function(CFunction(comment: "Left out.", name: "f", body: body))]).plainText
  }

  @Test func commentsAreLeftOut() {
    let file = CFile([
      .comment("One."), .section("Two"),
      .prototype(
        CFunction(
          comment: "Three.", prefix: ["INLINE"], result: .int, name: "f",
          parameters: [
            CParameter(.pointer(toConst: .float), "x", comment: "Four."), CParameter(.size, "n"),
          ])),
      .raw("#undef NAME"),
      .function(
        CFunction(name: "g", body: [.comment("Five."), .blank, .commented(.break, "Six.")])),
    ])
    #expect(
      file.plainText == """
        INLINE int f(const float *x, size_t n);
        #undef NAME
        void g(void){
        break;
        }

        """)
  }

  @Test func typesAndVariablesArePrinted() {
    let file = CFile([
      .structure(
        CStructure(
          comment: "Left out.", tag: "s", typeName: "t",
          members: [CMember(.pointer(toConst: .float), "a", "b", comment: "Left out.")])),
      .enumeration(
        CEnumeration(tag: "e", constants: [CEnumerator("A", .integer(0)), CEnumerator("B")])),
      .variables(CDeclaration(prefix: ["static"], .int, [CVariable("v", x)]), comment: "Left out."),
    ])
    #expect(
      file.plainText == """
        typedef struct s {
        const float *a, *b;
        } t;
        enum e {
        A = 0,
        B,
        };
        static int v = x;

        """)
  }

  @Test func statementsKeepTheirNesting() {
    let inner = CStatement.branch(.name("b"), [.set(x, .integer(1))])
    #expect(
      plain([.branch(.name("a"), [inner], otherwise: [.set(x, .integer(2))])]) == """
        void f(void){
        if (a) {
        if (b) {
        x = 1;
        }
        } else {
        x = 2;
        }
        }

        """)
    #expect(
      plain([
        .count("i", from: .size(0), to: .name("n"), [.continue]),
        .macroLoop(.call("EACH", x), [.block([.increment(x)])]),
        .choice(x, [CCase(.integer(1), [.return(.multiply(.add(x, x), x))])]),
        .raw("#pragma p"),
      ]) == """
        void f(void){
        for (size_t i = 0; i < n; i++){
        continue;
        }
        EACH(x){
        {
        x++;
        }
        }
        switch (x) {
        case 1:
        return (x + x) * x;
        }
        #pragma p
        }

        """)
  }

  @Test func longLinesAreNotBroken() {
    let sum = CExpression.chain(.add, Array(repeating: x, count: 200), empty: x)
    let lines = plain([.expression(sum)]).split(separator: "\n")
    #expect(lines.count == 3)
    #expect(lines[1].count == 200 + 199 * 3 + 1)
  }
}
