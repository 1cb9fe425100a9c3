import Foundation
import Testing

@testable import CCode

@Suite struct DefinitionPruningTests {
  @Test func whatNothingNamesGoesWithItsComment() {
    let text = """
      /* Kept. */

      /* Of no use. */
      #define unused(a) \\
        ((a) + 1)
      #define used(a) ((a) + helper(a))

      /** Twice a. */
      HELPER int helper(int a) {
        return 2 * a;
      }

      /** Of no use either: unused() and used() here are words of a comment. */
      HELPER int other(int a) { return unused(a); }

      int main(void) { return used(1); }

      """
    #expect(
      DefinitionPruning.pruned(text) == """
        /* Kept. */

        #define used(a) ((a) + helper(a))

        /** Twice a. */
        HELPER int helper(int a) {
          return 2 * a;
        }

        int main(void) { return used(1); }

        """)
  }

  @Test func conditionsWithNothingBetweenThemGo() {
    let text = """
      /* Goes with its condition. */
      #if A
      #define x 1
      #elif B
      #define x 2
      #else
      #define x 3
      #endif
      #if C
      #define y 1
      #else
      #define x 3
      #endif
      #undef x
      int z = y;

      """
    #expect(DefinitionPruning.pruned(text) == "#if C\n#define y 1\n#endif\nint z = y;\n")
  }

  @Test func allReadingsOfANameStay() {
    let text = """
      #if A
      #define x 1
      #elif B
      #else
      #define x 3
      #endif
      int z = x;
      #undef x

      """
    #expect(DefinitionPruning.pruned(text) == text)
  }

  @Test func aTypeAndAConstantAreDefinitionsToo() {
    let text = """
      typedef struct {
        double a, b;
      } NAME(pair);
      enum { FIRST = 1, SECOND = 2 };
      enum { THIRD = 3 };
      typedef struct { int c; } single;
      INLINE double NAME(second)(NAME(pair) p, single s) {
        return SECOND * p.b + s.c;
      }
      INLINE int NAME(left_out)(void) { return THIRD; }
      double (*z)(NAME(pair), single) = NAME(second);

      """
    let pruned = DefinitionPruning.pruned(text)
    #expect(!pruned.contains("THIRD"))
    #expect(
      pruned
        == text.replacingOccurrences(of: "enum { THIRD = 3 };\n", with: "")
        .replacingOccurrences(of: "INLINE int NAME(left_out)(void) { return THIRD; }\n", with: ""))
  }

  @Test func pruningTwiceChangesNothing() {
    for type in CComputeType.allCases {
      let prelude = Prelude(type: type, dialect: .file(name: "a.c", header: "a.h"))
      let text =
        prelude.opening + prelude.readings + prelude.lanes
        + "lanes z = NAME(maximum)(v_zero(), x);\n"
      let once = DefinitionPruning.pruned(text)
      #expect(once.count < text.count / 2)
      #expect(once.contains("NAME(maximum)(lanes a, lanes b) {"))
      #expect(!once.contains("join_columns"))
      #expect(DefinitionPruning.pruned(once) == once)
    }
  }
}
