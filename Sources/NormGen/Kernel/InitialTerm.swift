import Interpreter
import Syntax

/// Evaluates terms of literals, standard values of scalars, and sizes, in double; a condition is 0
/// or 1.
struct InitialTerm {
  let norm: CheckedNorm
  let sizes: [String: Int]

  func number(_ term: Term) throws(KernelError) -> Double {
    switch term.form {
    case .number(let number): number
    case .truth(let isTrue): isTrue ? 1 : 0
    case .value(let id): try value(norm.values[id.index])
    case .size(let axes): try size(axes)
    case .unary(let function, let x): function.value(try number(x))
    case .binary(let function, let x, let y): function.value(try number(x), try number(y))
    case .compare(let comparison, let x, let y):
      comparison.holds(try number(x), try number(y)) ? 1 : 0
    case .not(let x): try number(x) == 0 ? 1 : 0
    // Of 0 and 1.
    case .logic(.and, let x, let y): min(try number(x), try number(y))
    case .logic(.or, let x, let y): max(try number(x), try number(y))
    case .select(let condition, let x, let y): try number(condition) != 0 ? number(x) : number(y)
    case .stopGradient(let x): try number(x)
    case .index, .reduce, .lookUp, .regroup:
      throw .missingArgument("a number that is the same for all elements")
    }
  }

  private func value(_ value: Value) throws(KernelError) -> Double {
    switch value.kind {
    case .scalar(let standard?): try number(standard)
    case .scalar(nil), .tensor, .parameter, .state, .mask, .index, .counter, .equation, .adjoint,
      .eventArgument:
      throw .missingArgument(value.name)
    }
  }

  private func size(_ axes: [AxisID]) throws(KernelError) -> Double {
    var product = 1.0
    for axis in axes {
      switch norm.axes[axis.index].extent {
      case .size(let id): product *= Double(try size(norm.sizes[id.index]))
      case .quotient(let whole, let part):
        let (dividend, divisor) =
          (try size(norm.sizes[whole.index]), try size(norm.sizes[part.index]))
        guard divisor > 0, dividend % divisor == 0 else {
          throw .notDivisible(
            norm.sizes[whole.index].name, dividend, by: norm.sizes[part.index].name, divisor)
        }
        product *= Double(dividend / divisor)
      case .share(let parts, let part):
        var dividend = 1
        for id in parts { dividend *= try size(norm.sizes[id.index]) }
        let divisor = try size(norm.sizes[part.index])
        guard divisor > 0, dividend % divisor == 0 else {
          let names = parts.map { norm.sizes[$0.index].name }.joined(separator: " * ")
          throw .notDivisible(names, dividend, by: norm.sizes[part.index].name, divisor)
        }
        product *= Double(dividend / divisor)
      }
    }
    return product
  }

  private func size(_ size: Size) throws(KernelError) -> Int {
    guard let number = sizes[size.name] ?? size.standard else { throw .missingSize(size.name) }
    return number
  }
}
