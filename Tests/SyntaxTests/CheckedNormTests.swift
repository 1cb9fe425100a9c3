import Testing

@testable import Syntax

/// What the checker makes of specs, against what a person reads off them.
@Suite struct CheckedNormTests {
  @Test func aValueHasTheAtomsOfItsDimensions() {
    let group = Dimension(name: "C", axes: [AxisID(1), AxisID(2)])
    let value = Value(
      name: "x", kind: .tensor, dimensions: [Dimension(name: "N", axes: [AxisID(0)]), group])
    #expect(value.axes == [AxisID(0), AxisID(1), AxisID(2)])
  }

  @Test func aGroupIntoPartsPutsTheGroupBeforeThePlace() throws {
    let norm = try only(
      """
      norm f(x[N, C, S...]) -> y, m {
        group C into G = 32
        m = mean[C/G, S](x)
        y = x - m
      }
      """)
    #expect(norm.sizes.map(\.name) == ["N", "C", "S", "G"])
    #expect(norm.sizes.map(\.standard) == [nil, nil, nil, 32])
    #expect(norm.sizes.map(\.isRun) == [false, false, true, false])
    #expect(norm.axes.map(\.name) == ["N", "G", "C/G", "S"])
    #expect(norm.axes[1].extent == .size(SizeID(3)))
    #expect(norm.axes[2].extent == .quotient(SizeID(1), by: SizeID(3)))
    #expect(shape(norm, "x") == ["N:0", "C:1,2", "S:3..."])
    #expect(shape(norm, "y") == ["N:0", "C:1,2", "S:3..."])
    #expect(shape(norm, "m") == ["N:0", "G:1"])
  }

  @Test func aGroupOfNeighboursPutsThePlaceLast() throws {
    let norm = try only(
      """
      norm f(x[N, C]) -> y, m {
        axis  K = 3
        group N of V = 64
        m = mean[V](x) + index(K)
        y = x - sum[N/V, K](m)
      }
      """)
    #expect(norm.sizes.map(\.name) == ["N", "C", "K", "V"])
    #expect(norm.axes.map(\.name) == ["N/V", "V", "C", "K"])
    #expect(norm.axes[0].extent == .quotient(SizeID(0), by: SizeID(3)))
    #expect(shape(norm, "m") == ["N/V:0", "C:2", "K:3"])
    #expect(shape(norm, "y") == ["N:0,1", "C:2"])
  }

  @Test func declaredBracketsKeepTheirOrder() throws {
    let norm = try only(
      """
      norm f(x[N, C]) -> y[C, N] {
        param p[C, N] = 2 * size(C)
        y = x * p
      }
      """)
    #expect(shape(norm, "y") == ["C:1", "N:0"])
    #expect(shape(norm, "p") == ["C:1", "N:0"])
    guard case .parameter(let initial) = norm.values[1].kind else {
      Issue.record("p is no parameter")
      return
    }
    #expect(initial.isInitial)
    #expect(
      initial.form
        == .binary(.multiply, number(2), Term(.size([AxisID(1)]), axes: [], isCondition: false)))
  }

  @Test func eachPhaseListsWhatItUsesInTheOrderOfDependency() throws {
    let norm = try only(
      """
      norm f(x[N, C]) -> y {
        state s[C] = 0
        y = x / power
        train {
          next s = ema(s, v, momentum: 0.5)
          power  = v + w
          w      = v * 2
          v      = mean[N](x)
        }
        eval { power = s }
      }
      """)
    #expect(names(norm, norm.train.equations) == ["v", "w", "power", "y"])
    #expect(names(norm, norm.eval.equations) == ["power", "y"])
    #expect(names(norm, norm.train.updates) == ["s"])
    #expect(norm.eval.updates.isEmpty)
    #expect(norm.train.equations[2].value == norm.eval.equations[0].value)
    #expect(norm.values.map(\.name).prefix(2) == ["x", "s"])
  }

  @Test func aValueHasTheAxesOfAllItsPhases() throws {
    let norm = try only(
      """
      norm f(x[N, C]) -> y {
        train { r = mean[N](x) }
        eval { r = 1 }
        y = x * r
      }
      """)
    #expect(shape(norm, "r") == ["C:1"])
    #expect(norm.eval.equations[0].term.axes == [])
  }

  @Test func aGradientBlockHasValuesOfItsOwn() throws {
    let norm = try only(
      """
      norm f(x[N, C]) -> y {
        state nu[C] = 0
        z = 2 * x
        y = 3 * z
        gradient of z by dz {
          grad x  = b
          b       = dz - nu
          next nu = mean[N](b)
        }
      }
      """)
    let block = try #require(norm.train.gradients.first)
    #expect(norm.eval.gradients == norm.train.gradients)
    #expect(norm.values[block.value.index].name == "z")
    #expect(norm.values[block.adjoint.index].kind == .adjoint(of: block.value))
    #expect(shape(norm, "dz") == ["N:0", "C:1"])
    #expect(names(norm, block.equations) == ["b"])
    #expect(names(norm, block.contributions) == ["x"])
    #expect(names(norm, block.updates) == ["nu"])
    #expect(block.contributions[0].line == 6)
  }

  @Test func aCountIsOfConditions() throws {
    let norm = try only(
      """
      norm f(x[N, C]) -> y {
        mask v[N]
        y = count[N](v where x > 0) + count[C](x where v) + count[C](x)
      }
      """)
    let found = reductions(in: norm.train.equations[0].term)
    #expect(found.map(\.kind) == [.count, .count, .count])
    #expect(found.map(\.condition) == [nil, nil, nil])
    guard case .logic(.and, _, _) = found[0].operand.form else {
      Issue.record("both conditions must hold")
      return
    }
    #expect(found[1].operand.form == .value(ValueID(1)))
    #expect(found[2].operand.form == .truth(true))
  }

  private func only(_ text: String) throws -> CheckedNorm {
    let (norms, messages) = checked(text)
    #expect(messages == "")
    return try #require(norms.first)
  }

  /// The dimensions of a value as `name:atoms`, with dots behind a run.
  private func shape(_ norm: CheckedNorm, _ name: String) -> [String] {
    let value = norm.values.first { $0.name == name }
    return (value?.dimensions ?? []).map { dimension in
      let atoms = dimension.axes.map { String($0.index) }.joined(separator: ",")
      return "\(dimension.name):\(atoms)" + (dimension.isRun ? "..." : "")
    }
  }

  private func names(_ norm: CheckedNorm, _ equations: [Equation]) -> [String] {
    equations.map { norm.values[$0.value.index].name }
  }

  private func number(_ value: Double) -> Term {
    Term(.number(value), axes: [], isCondition: false)
  }

  private func reductions(in term: Term) -> [Term.Reduction] {
    if case .reduce(let reduction) = term.form { return [reduction] }
    return term.form.operands.flatMap { reductions(in: $0) }
  }
}
