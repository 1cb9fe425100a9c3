import CCode

/// Turns a region function of the C tree into a linear program.
///
/// It runs the function with what is known while it is compiled: calls are replaced by the bodies
/// of the functions, loops with known bounds by their iterations. What is not known becomes
/// instructions.
struct Lowering {
  let target: Target
  let library: Library
  var builder = Builder()
  var variables: [Variable] = []
  /// The names in scope: those of the function that is being run from `namesStart` on.
  var names: [(name: String, variable: Int)] = []
  var namesStart = 0
  /// What variables were before each assignment, to undo those of a branch.
  var journal: [(variable: Int, value: Value)] = []
  /// Where the value of the function that is being run goes.
  var result: Int?
  var callDepth = 0
  private(set) var frameBytes = 0

  init(_ target: Target, _ library: Library) {
    self.target = target
    self.library = library
  }

  /// The program of `function`, whose parameters are pointers and sizes.
  mutating func program(of function: CFunction) throws(Unsupported) -> LinearProgram {
    var arguments: [Register] = []
    for parameter in function.parameters {
      let type = try type(parameter.type)
      let register = builder.register(.general)
      arguments.append(register)
      switch type {
      case .pointer(let pointee):
        var isConstant = false
        if case .structure = pointee { isConstant = true }
        let pointer = Pointer(
          place: MemoryPlace(base: register), pointee: pointee, isConstant: isConstant)
        declare(parameter.name, type, .pointer(pointer))
      case .scalar(let scalar) where !scalar.isFloating:
        declare(parameter.name, type, .general(register, scalar))
      default: throw Unsupported("a parameter that is neither pointer nor integer")
      }
    }
    _ = try run(function.body[...])
    return LinearProgram(
      instructions: builder.whole, classes: builder.classes, labels: builder.labels,
      arguments: arguments, frameBytes: frameBytes)
  }

  // Variables

  @discardableResult
  mutating func declare(_ name: String, _ type: ValueType, _ value: Value) -> Int {
    variables.append(Variable(type: type, value: value))
    names.append((name, variables.count - 1))
    return variables.count - 1
  }

  func lookUp(_ name: String) -> Int? {
    var place = names.count - 1
    while place >= namesStart {
      if names[place].name == name { return names[place].variable }
      place -= 1
    }
    return nil
  }

  mutating func set(_ variable: Int, _ value: Value) {
    journal.append((variable, variables[variable].value))
    variables[variable].value = value
  }

  // Types

  func type(_ type: CType) throws(Unsupported) -> ValueType {
    if case .qualified(_, let type) = type { return try self.type(type) }
    if let known = library.type(type) { return known }
    if case .named("wide") = type {
      return target.number == .float64 ? .vector(.lanes) : .array(of: .vector(.half), count: 2)
    }
    throw Unsupported("the type \(type)")
  }

  func byteCount(of type: ValueType) throws(Unsupported) -> Int {
    switch type {
    case .vector(.masks):
      if target.instructionSet == .avx512 { throw Unsupported("masks in memory") }
      return target.vectorBytes
    case .vector: return target.vectorBytes
    case .array(let element, let count): return try byteCount(of: element) * count
    case .void, .scalar, .pointer, .structure:
      guard let count = library.byteCount(of: type) else { throw Unsupported("a type of no size") }
      return count
    }
  }

  /// New memory for a local array.
  mutating func frame(_ bytes: Int) -> MemoryPlace {
    let place = MemoryPlace(
      base: .frame, displacement: Int32(truncatingIfNeeded: frameBytes))
    frameBytes += (bytes + 63) / 64 * 64
    return place
  }
}
