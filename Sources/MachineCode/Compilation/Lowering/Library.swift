import CCode

/// What region functions call and mention: functions, structures and enumerators.
package struct Library: Sendable {
  private(set) var functions: [String: CFunction] = [:]
  private(set) var structures: [Structure] = []
  private var structurePlaces: [String: Int] = [:]
  private(set) var enumerators: [String: CExpression] = [:]

  /// A structure as it lies in memory.
  struct Structure: Sendable {
    struct Member: Sendable {
      let name: String
      let type: ValueType
      /// Bytes from the start.
      let offset: Int
    }

    var members: [Member] = []
    var byteCount = 0

    func place(of name: String) -> Int? { members.firstIndex { $0.name == name } }
  }

  package init() {}

  /// The library with more items; those that it cannot hold are left out.
  package func adding(_ items: [CItem]) -> Library {
    var library = self
    for item in items { library.add(item) }
    return library
  }

  private mutating func add(_ item: CItem) {
    switch item {
    case .function(let function): functions[bareName(function.name)] = function
    case .structure(let structure):
      guard let name = structure.typeName, let laidOut = laidOut(structure) else { return }
      structurePlaces[name] = structures.count
      structures.append(laidOut)
    case .enumeration(let enumeration):
      var next: CExpression = .integer(0)
      for constant in enumeration.constants {
        let value = constant.value ?? next
        enumerators[constant.name] = value
        next = .add(.name(constant.name), .integer(1))
      }
    case .comment, .section, .prototype, .variables, .raw: return
    }
  }

  private func laidOut(_ structure: CStructure) -> Structure? {
    var result = Structure()
    for member in structure.members {
      // What no kernel reads, such as a pointer to functions, has the size of a pointer.
      let type = memberType(member.type) ?? .pointer(to: .void)
      guard let size = byteCount(of: type) else { return nil }
      for name in member.names {
        let alignment = max(min(elementSize(of: type), 8), 1)
        let offset = (result.byteCount + alignment - 1) / alignment * alignment
        result.members.append(Structure.Member(name: name, type: type, offset: offset))
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
    case .name(let name): return enumerators[name].flatMap { number($0) }
    case .binary(.multiply, let a, let b):
      return number(a).flatMap { first in number(b).map { first * $0 } }
    case .binary(.add, let a, let b):
      return number(a).flatMap { first in number(b).map { first + $0 } }
    default: return nil
    }
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

  /// The type of C, apart from arrays; `nil` if no kernel uses it.
  func type(_ type: CType) -> ValueType? {
    switch type {
    case .named(let name):
      if let type = namedTypes[name] { return type }
      return structurePlaces[name].map { .structure($0) }
    case .qualified(_, let type): return self.type(type)
    case .pointer(let pointee): return .pointer(to: self.type(pointee) ?? .void)
    case .array, .function: return nil
    }
  }
}

/// The name of a function without `NAME()`.
func bareName(_ name: String) -> String {
  name.hasPrefix("NAME(") ? String(name.dropFirst(5).dropLast()) : name
}

private let namedTypes: [String: ValueType] = [
  "void": .void, "bool": .scalar(.bool), "int": .scalar(.int32), "size_t": .scalar(.size),
  "float": .scalar(.float), "double": .scalar(.double), "uint8_t": .scalar(.byte),
  "uint16_t": .scalar(.word),
  "int32_t": .scalar(.int32), "uint32_t": .scalar(.uint32), "int64_t": .scalar(.int64),
  "uint64_t": .scalar(.size), "lanes": .vector(.lanes), "masks": .vector(.masks),
  "ints": .vector(.integers), "half": .vector(.half),
]
