import Basics
import CCode
import Glibc

/// A call of a function of a library that is not compiled: its statements are followed one by one.
///
/// That takes some microseconds, where to compile the function takes some hundred.
struct DirectCall: ~Copyable {
  let library: Library
  let code: FlatCode
  let linkage: Linkage
  /// The variables of the functions that are being run; those of the innermost from `start` on.
  var slots: [DirectValue] = []
  var types: [ValueType] = []
  var start = 0
  /// The variables of the innermost function whose addresses it takes.
  private var addressed = FlatList(start: 0, count: 0)
  /// What the innermost function has returned.
  private var result = DirectValue.none
  /// The memory of structures whose addresses are taken.
  private var memory: [UnsafeMutableRawPointer] = []
  /// The floating-point modes that were left, by number.
  private var modes: [fenv_t] = []

  init(_ library: Library, _ linkage: Linkage) {
    (self.library, self.linkage) = (library, linkage)
    code = library.code
  }

  /// The value of a function for some arguments.
  mutating func value(
    of function: FlatFunction, _ arguments: [DirectValue]
  ) throws(Unsupported) -> DirectValue {
    let outer = (start, addressed)
    let first = slots.count
    let returned = try type(function.result)
    for (place, argument) in zip(function.parameters, arguments) {
      let parameter = code.parameters[place]
      var type = try type(parameter.type)
      if parameter.isArray { type = .pointer(to: type) }
      slots.append(try argument.converted(to: type))
      types.append(type)
    }
    for _ in arguments.count..<function.slots {
      slots.append(.none)
      types.append(.void)
    }
    (start, addressed) = (first, function.addressed)
    _ = try run(function.body)
    slots.removeLast(slots.count - first)
    types.removeLast(types.count - first)
    (start, addressed) = outer
    defer { result = .none }
    return returned == .void ? .none : try result.converted(to: returned)
  }

  deinit {
    for start in memory { start.deallocate() }
  }

  // Statements

  /// Runs statements; `true` iff one of them has returned.
  private mutating func run(_ statements: FlatList) throws(Unsupported) -> Bool {
    for place in 0..<Int(statements.count) {
      if try run(code[code.statement(statements, place)]) { return true }
    }
    return false
  }

  private mutating func run(_ statement: FlatStatement) throws(Unsupported) -> Bool {
    switch statement {
    case .declaration(let slot, let type, let initial): try declare(slot, type, initial)
    case .assignment(let target, let operation, let value):
      try assign(target, operation, value)
    case .expression(let expression): _ = try value(of: expression)
    case .branch(let condition, let body, let otherwise):
      return try run(truth(of: condition) ? body : otherwise)
    case .loop(let place): return try run(code.loops[Int(place)])
    case .return(let value):
      if let value { result = try self.value(of: value) }
      return true
    case .block(let body): return try run(body)
    case .array, .eachVector, .eachElement, .unsupported: throw Unsupported("a statement")
    }
    return false
  }

  private mutating func run(_ loop: FlatLoop) throws(Unsupported) -> Bool {
    guard let condition = loop.condition else { throw Unsupported("a loop without a condition") }
    _ = try run(loop.first)
    while try truth(of: condition) {
      if try run(loop.body) { return true }
      _ = try run(loop.step)
    }
    return false
  }

  private mutating func declare(
    _ slot: Slot, _ type: TypeID, _ initial: ExpressionID?
  ) throws(Unsupported) {
    let type = try self.type(type)
    let place = start + Int(slot.index)
    types[place] = type
    if case .structure(let structure) = type {
      if isAddressed(slot) {
        slots[place] = .pointer(try stored(structure, initial), type)
        types[place] = .pointer(to: type)
        return
      }
      if let initial, case .initializer(let values) = code[initial] {
        slots[place] = try parts(library.structures[structure], values)
        return
      }
    }
    if let initial { slots[place] = try value(of: initial).converted(to: type) }
  }

  private func isAddressed(_ slot: Slot) -> Bool {
    for place in 0..<Int(addressed.count) where code.slot(addressed, place) == slot { return true }
    return false
  }

  /// The address of new memory for a structure, with its initial values.
  private mutating func stored(
    _ structure: Int, _ initial: ExpressionID?
  ) throws(Unsupported) -> UInt {
    let structure = library.structures[structure]
    let start = UnsafeMutableRawPointer.allocate(
      byteCount: structure.byteCount, alignment: 64)
    memory.append(start)
    start.initializeMemory(as: UInt8.self, repeating: 0, count: structure.byteCount)
    guard let initial else { return UInt(bitPattern: start) }
    guard case .designated(let names, let values) = code[initial] else {
      throw Unsupported("a list of values without names")
    }
    for place in 0..<Int(names.count) {
      guard let member = structure.place(of: code.symbol(names, place)) else {
        throw Unsupported("a member that is none")
      }
      let type = structure.members[member].type
      let value = try value(of: code.expression(values, place))
      try store(
        value, at: UInt(bitPattern: start) + UInt(structure.members[member].offset), type)
    }
    return UInt(bitPattern: start)
  }

  /// A structure as a list of values.
  func parts(
    _ structure: Library.Structure, _ values: [DirectValue]
  ) throws(Unsupported) -> DirectValue {
    guard values.count == structure.members.count else {
      throw Unsupported("a structure with some of its values")
    }
    var parts: [DirectValue] = []
    for (value, member) in zip(values, structure.members) {
      parts.append(try value.converted(to: member.type))
    }
    return .parts(parts)
  }

  private mutating func parts(
    _ structure: Library.Structure, _ list: FlatList
  ) throws(Unsupported) -> DirectValue {
    var values: [DirectValue] = []
    for place in 0..<Int(list.count) { values.append(try value(of: code.expression(list, place))) }
    return try parts(structure, values)
  }

  // The floating-point mode

  /// Sets the default mode; the value is the number of the one before.
  mutating func enterFloatMode() -> DirectValue {
    var before = fenv_t()
    fegetenv(&before)
    modes.append(before)
    setStandardFloatMode()
    return .integer(Int64(modes.count - 1), .uint32)
  }

  /// Sets the mode of a number, which was entered last.
  mutating func setFloatMode(_ number: Int64) throws(Unsupported) {
    guard number == modes.count - 1, var mode = modes.popLast() else {
      throw Unsupported("a floating-point mode of its own")
    }
    fesetenv(&mode)
  }

  func type(_ type: TypeID) throws(Unsupported) -> ValueType {
    guard case .known(let known) = code[type] else { throw Unsupported("a type") }
    return known
  }
}
