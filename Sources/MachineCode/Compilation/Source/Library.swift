import Basics
import CCode

/// What region functions call and mention: functions, structures and enumerators, and region
/// functions themselves.
package struct Library: Sendable {
  var code = FlatCode()
  private(set) var structures: [Structure] = []
  private var names = NameTable()
  /// By symbol.
  private var meanings: [Meaning] = []

  /// What a name stands for where no variable has it.
  private struct Meaning: Sendable {
    var known: KnownName?
    var intrinsic: Intrinsic?
    var function: FunctionID?
    var enumerator: ExpressionID?
    /// The value of the enumerator where it is a sum or product of numbers.
    var number: Int?
    /// The type by its place in the code.
    var type: TypeID?
  }

  /// A structure as it lies in memory.
  struct Structure: Sendable {
    struct Member: Sendable {
      let name: Symbol
      let type: ValueType
      /// Bytes from the start.
      let offset: Int
    }

    var members: [Member] = []
    var byteCount = 0

    func place(of name: Symbol) -> Int? { members.firstIndex { $0.name == name } }
  }

  package init() { self = OlderInstructions.library }

  /// A library of what C and the instructions have names for, and `items`.
  package init(ofNamesAnd items: [CItem]) {
    for name in KnownName.allCases { change(name.rawValue) { $0.known = name } }
    for intrinsic in Intrinsic.allCases { change(intrinsic.rawValue) { $0.intrinsic = intrinsic } }
    for (name, type) in namedTypes { add(type, name) }
    add(items)
  }

  /// The library with more items.
  package func adding(_ items: [CItem]) -> Library {
    var library = self
    library.add(items)
    return library
  }

  /// Adds items; those that it cannot hold are left out.
  package mutating func add(_ items: [CItem]) {
    for item in items {
      switch item {
      case .function(let function): add(function)
      case .structure(let structure): add(structure)
      case .enumeration(let enumeration): add(enumeration)
      case .comment, .section, .prototype, .variables, .raw: continue
      }
    }
  }

  /// The library in a form that many may add to: their copies share all that is there.
  package func shared() -> Library {
    var library = self
    library.code.share()
    library.names.share()
    return library
  }

  package mutating func add(_ function: CFunction) {
    let flat = code.append(flattened(function))
    change(bareName(function.name)) { $0.function = flat }
  }

  // Names

  /// The number of a name.
  mutating func symbol(_ name: String) -> Symbol {
    let number = names.insert(name)
    if number == meanings.count { meanings.append(Meaning()) }
    return Symbol(index: Int32(number))
  }

  /// The number of a name that something has.
  func symbol(known name: String) -> Symbol? {
    names.number(of: name).map { Symbol(index: Int32($0)) }
  }

  private func meaning(of name: String) -> Meaning? {
    names.number(of: name).map { meanings[$0] }
  }

  private mutating func change(_ name: String, _ body: (inout Meaning) -> Void) {
    body(&meanings[Int(symbol(name).index)])
  }

  func name(_ symbol: Symbol) -> String { names[Int(symbol.index)] }
  func knownName(_ symbol: Symbol) -> KnownName? { meanings[Int(symbol.index)].known }
  func intrinsic(_ symbol: Symbol) -> Intrinsic? { meanings[Int(symbol.index)].intrinsic }
  func function(_ symbol: Symbol) -> FlatFunction? {
    meanings[Int(symbol.index)].function.map { code[$0] }
  }
  func enumerator(_ symbol: Symbol) -> ExpressionID? { meanings[Int(symbol.index)].enumerator }

  private func number(named name: String) -> Int? { meaning(of: name)?.number }

  // Structures and enumerators

  private mutating func add(_ enumeration: CEnumeration) {
    if let name = enumeration.typeName { add(.scalar(.int32), name) }
    var next: CExpression = .integer(0)
    for constant in enumeration.constants {
      let value = constant.value ?? next
      let (enumerator, number) = (flattened(value), number(value))
      change(constant.name) { ($0.enumerator, $0.number) = (enumerator, number) }
      next = .add(.name(constant.name), .integer(1))
    }
  }

  private mutating func add(_ structure: CStructure) {
    guard let name = structure.typeName, let laidOut = laidOut(structure) else { return }
    add(.structure(structures.count), name)
    structures.append(laidOut)
  }

  private mutating func add(_ type: ValueType, _ name: String) {
    let place = code.append(.known(type))
    change(name) { $0.type = place }
  }

  private mutating func laidOut(_ structure: CStructure) -> Structure? {
    var result = Structure()
    for member in structure.members {
      // What no kernel reads, such as a pointer to functions, has the size of a pointer.
      let type = memberType(member.type) ?? .pointer(to: .void)
      guard let size = byteCount(of: type) else { return nil }
      for name in member.names {
        let alignment = max(min(elementSize(of: type), 8), 1)
        let offset = (result.byteCount + alignment - 1) / alignment * alignment
        result.members.append(Structure.Member(name: symbol(name), type: type, offset: offset))
        result.byteCount = offset + size
      }
    }
    result.byteCount = (result.byteCount + 7) / 8 * 8
    return result
  }

  private func elementSize(of type: ValueType) -> Int {
    if case .array(let element, _) = type { return elementSize(of: element) }
    return byteCount(of: type) ?? 8
  }

  private func memberType(_ type: CType) -> ValueType? {
    guard case .array(let element, let count?) = type else { return self.type(type) }
    guard let element = self.type(element), let count = number(count) else { return nil }
    return .array(of: element, count: count)
  }

  /// The value of a sum or product of numbers and enumerators.
  private func number(_ expression: CExpression) -> Int? {
    switch expression {
    case .integer(let value): return Int(value)
    case .size(let value): return value
    case .name(let name): return number(named: name)
    case .binary(.multiply, let a, let b):
      return number(a).flatMap { first in number(b).map { first * $0 } }
    case .binary(.add, let a, let b):
      return number(a).flatMap { first in number(b).map { first + $0 } }
    default: return nil
    }
  }

  /// The place of a member in the one structure that has so many, and one of this name.
  func place(of name: Symbol, amongMembers count: Int) -> Int? {
    for structure in structures where structure.members.count == count {
      if let place = structure.place(of: name) { return place }
    }
    return nil
  }

  /// `true` iff a structure of this type has its place in memory.
  func isInMemory(_ type: ValueType) -> Bool {
    guard case .structure(let place) = type else { return false }
    return structures[place].members.contains { member in
      if case .array = member.type { true } else { false }
    }
  }

  /// The bytes of a value in memory; `nil` where that depends on the target.
  func byteCount(of type: ValueType) -> Int? {
    switch type {
    case .void, .vector: nil
    case .array(let element, let count): byteCount(of: element).map { $0 * count }
    case .scalar(let scalar): scalar.element.byteCount
    case .pointer: 8
    case .structure(let place): structures[place].byteCount
    }
  }

  /// The type of a name, if it has one.
  func typeID(named name: String) -> TypeID? { meaning(of: name)?.type }

  /// The type of C, apart from arrays; `nil` if no kernel uses it.
  func type(_ type: CType) -> ValueType? {
    switch type {
    case .named(let name): typeID(named: name).flatMap { code[$0].known }
    case .qualified(_, let type): self.type(type)
    case .pointer(let pointee): .pointer(to: self.type(pointee) ?? .void)
    case .array, .function: nil
    }
  }
}

/// The name of a function without `NAME()`.
private func bareName(_ name: String) -> String {
  name.hasPrefix("NAME(") ? String(name.dropFirst(5).dropLast()) : name
}

private let namedTypes: [(name: String, type: ValueType)] = [
  ("void", .void), ("bool", .scalar(.bool)), ("int", .scalar(.int32)), ("size_t", .scalar(.size)),
  ("float", .scalar(.float)), ("double", .scalar(.double)), ("uint8_t", .scalar(.byte)),
  ("uint16_t", .scalar(.word)), ("int32_t", .scalar(.int32)), ("uint32_t", .scalar(.uint32)),
  ("int64_t", .scalar(.int64)), ("uint64_t", .scalar(.size)), ("lanes", .vector(.lanes)),
  ("masks", .vector(.masks)), ("ints", .vector(.integers)), ("half", .vector(.half)),
  ("unsigned char", .scalar(.byte)), ("uintptr_t", .scalar(.size)),
  ("float_mode", .scalar(.uint32)),
]
