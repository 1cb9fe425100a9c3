import CCode
import Testing

private let floats = CType.pointer(toConst: .float)

@Suite struct FilePrinterTests {
  @Test func printsAFunctionWithItsCommentAndPrefix() {
    let function = CFunction(
      comment: "y = x * weight: one step.", prefix: ["INLINE"], name: "NAME(y_step)",
      parameters: [
        CParameter(floats, "x"), CParameter(floats, "weight"), CParameter(floats, "bias"),
        CParameter(.named("lanes"), "mean"), CParameter(.named("lanes"), "rstd"),
        CParameter(.int, "live"), CParameter(.pointer(to: .float), "y"),
      ], body: [.return(nil)])
    #expect(
      function.text == """
        /** y = x * weight: one step. */
        INLINE void NAME(y_step)(const float *x, const float *weight, const float *bias, lanes mean,
                                 lanes rstd, int live, float *y) {
          return;
        }

        """)
  }

  @Test func printsAPrototypeWithAColumnOfComments() {
    let prototype = CFunction(
      result: .named("layer_norm_status"), name: "layer_norm_forward",
      parameters: [
        CParameter(.size, "N"), CParameter(.size, "C"), CParameter(floats, "x", comment: "[N, C]"),
        CParameter(.double, "eps", comment: "usually 1e-5"),
      ])
    #expect(
      CFile([.prototype(prototype)]).text == """
        layer_norm_status layer_norm_forward(
            size_t N, size_t C,
            const float *x, /* [N, C] */
            double eps);    /* usually 1e-5 */

        """)
  }

  @Test func printsTypesAndVariables() {
    let call = CStructure(
      comment: "A call.", typeName: "forward_call",
      members: [
        CMember(.size, "N", "C"), CMember(floats, "x", "weight", comment: "as given"),
        CMember(.pointer(to: .function(result: .void, parameters: [])), "run", comment: "or NULL"),
      ])
    let status = CEnumeration(
      tag: "status", typeName: "status",
      constants: [CEnumerator("OK", .integer(0)), CEnumerator("BAD", comment: "too large")])
    let table = CDeclaration(
      prefix: ["static"], .const(.named("kernels")),
      [CVariable("NAME(kernels)", .initializer([CInitializer(.variant("rows"))]))])
    let file = CFile([
      .comment("One line."), .section("types"), .structure(call), .enumeration(status),
      .variables(table, comment: nil), .raw("#undef NAME"),
    ])
    #expect(
      file.text == """
        /* One line. */

        /* ---- types \(String(repeating: "-", count: 80)) */

        /** A call. */
        typedef struct {
          size_t N, C;
          const float *x, *weight; /* as given */
          void (*run)(void);       /* or NULL */
        } forward_call;

        typedef enum status {
          OK = 0,
          BAD /**< too large */
        } status;

        static const kernels NAME(kernels) = {NAME(rows)};

        #undef NAME

        """)
  }

  @Test func keepsTheShapeOfABanner() {
    let banner = CItem.comment("a.c: what it is.\n\n    mean = sum(x) / n\n\nThe end.")
    #expect(
      CFile([banner]).text == """
        /* a.c: what it is.
         *
         *     mean = sum(x) / n
         *
         * The end.
         */

        """)
  }
}
