import CCode

// C as a compiler reads it many times: nodes lie side by side in arrays and name each other by
// their places, variables are numbers. Reading one copies a few words.

/// A name that was given a number.
struct Symbol: Hashable, Sendable {
  let index: Int32
}

/// A variable of a function, by the order of declaration, parameters first.
struct Slot: Hashable, Sendable {
  let index: Int32
}

/// An expression by its place among all.
struct ExpressionID: Hashable, Sendable {
  let index: Int32
}

/// A statement by its place among all.
struct StatementID: Hashable, Sendable {
  let index: Int32
}

/// A type by its place among all.
struct TypeID: Hashable, Sendable {
  let index: Int32
}

/// A function by its place among all.
struct FunctionID: Hashable, Sendable {
  let index: Int32
}

/// Some numbers one after the other in `FlatCode.lists`.
struct FlatList: Sendable {
  var start: Int32
  var count: Int32

  /// The list behind its first `number` elements.
  func dropFirst(_ number: Int) -> FlatList {
    FlatList(start: start + Int32(number), count: count - Int32(number))
  }
}

/// See `CExpression`.
enum FlatExpression: Sendable {
  case integer(Int64, Scalar)
  case number(Double, Scalar)
  case variable(Slot, Symbol)
  /// What the prelude and C name.
  case known(KnownName)
  /// An enumerator, or nothing.
  case named(Symbol)
  /// Operands are expressions, here and below.
  case intrinsic(Intrinsic, FlatList)
  /// A function of the library, by its name.
  case call(Symbol, FlatList)
  /// A call of what a pointer points to.
  case pointerCall(ExpressionID, FlatList)
  case index(ExpressionID, ExpressionID)
  case member(ExpressionID, Symbol)
  case pointerMember(ExpressionID, Symbol)
  case unary(CUnary, ExpressionID)
  case binary(CBinary, ExpressionID, ExpressionID)
  case conditional(ExpressionID, ExpressionID, ExpressionID)
  case cast(TypeID, ExpressionID)
  case compound(TypeID, FlatList)
  case initializer(FlatList)
  /// Values for members of a structure, whose names are symbols.
  case designated(names: FlatList, FlatList)
  case sizeOf(TypeID)
  /// What is not compiled: a message by its place.
  case unsupported(Int32)
}

/// See `CStatement`. Each variable has a declaration of its own; comments are left out.
enum FlatStatement: Sendable {
  case declaration(Slot, TypeID, ExpressionID?)
  /// An array of so many elements of a type.
  case array(Slot, TypeID, count: ExpressionID, ExpressionID?)
  case assignment(ExpressionID, CAssignment, ExpressionID)
  case expression(ExpressionID)
  /// The lists are statements, here and below.
  case branch(ExpressionID, FlatList, otherwise: FlatList)
  /// By its place among all loops.
  case loop(Int32)
  /// `EACH_VECTOR(v, live)`
  case eachVector(Slot, ExpressionID, FlatList)
  /// `EACH_ELEMENT(j, count)`
  case eachElement(Slot, ExpressionID, FlatList)
  case `return`(ExpressionID?)
  case block(FlatList)
  case unsupported(Int32)
}

/// See `CLoop`.
struct FlatLoop: Sendable {
  var first: FlatList
  var condition: ExpressionID?
  var step: FlatList
  var body: FlatList
  /// The variable that `first` declares.
  var counter: Slot?
  /// The variables from outside that body and step assign.
  var assigned: FlatList
  /// Those that they pass to functions, or of which they assign elements.
  var passed: FlatList
}

/// See `CFunction`.
struct FlatFunction: Sendable {
  /// By their places among all parameters.
  var parameters: Range<Int>
  var result: TypeID
  var body: FlatList
  /// The variables whose addresses it takes.
  var addressed: FlatList
  /// How many variables it has, parameters included.
  var slots: Int
}

/// A parameter; its slot is its place.
struct FlatParameter: Sendable {
  /// That of the elements of an array.
  var type: TypeID
  var isArray: Bool
}

/// A type as far as it is known without a target.
enum FlatType: Sendable {
  case known(ValueType)
  /// Lanes of float64, whatever the number type.
  case wide
  case unknown(String)

  var known: ValueType? {
    if case .known(let type) = self { type } else { nil }
  }
}

/// The names that stand for values in any function.
enum KnownName: String, CaseIterable {
  case lanes = "LANES"
  case vectors = "VECTORS"
  case infinity = "INFINITY"
  case notANumber = "NAN"
  case null = "NULL"
  case `true`, `false`
}

/// The functions of a library.
struct FlatCode: Sendable {
  private(set) var expressions = Layered<FlatExpression>()
  private(set) var statements = Layered<FlatStatement>()
  private(set) var lists = Layered<Int32>()
  private(set) var loops = Layered<FlatLoop>()
  private(set) var types = Layered<FlatType>()
  private(set) var parameters = Layered<FlatParameter>()
  private(set) var functions = Layered<FlatFunction>()
  private(set) var messages = Layered<String>()

  subscript(expression: ExpressionID) -> FlatExpression { expressions[Int(expression.index)] }
  subscript(statement: StatementID) -> FlatStatement { statements[Int(statement.index)] }
  subscript(type: TypeID) -> FlatType { types[Int(type.index)] }
  subscript(function: FunctionID) -> FlatFunction { functions[Int(function.index)] }

  func expression(_ list: FlatList, _ place: Int) -> ExpressionID {
    ExpressionID(index: lists[Int(list.start) + place])
  }

  func statement(_ list: FlatList, _ place: Int) -> StatementID {
    StatementID(index: lists[Int(list.start) + place])
  }

  func slot(_ list: FlatList, _ place: Int) -> Slot {
    Slot(index: lists[Int(list.start) + place])
  }

  func symbol(_ list: FlatList, _ place: Int) -> Symbol {
    Symbol(index: lists[Int(list.start) + place])
  }

  mutating func append(_ expression: FlatExpression) -> ExpressionID {
    expressions.append(expression)
    return ExpressionID(index: Int32(expressions.count - 1))
  }

  mutating func append(_ statement: FlatStatement) -> StatementID {
    statements.append(statement)
    return StatementID(index: Int32(statements.count - 1))
  }

  mutating func append(_ type: FlatType) -> TypeID {
    types.append(type)
    return TypeID(index: Int32(types.count - 1))
  }

  mutating func append(_ loop: FlatLoop) -> FlatStatement {
    loops.append(loop)
    return .loop(Int32(loops.count - 1))
  }

  mutating func append(_ parameter: FlatParameter) { parameters.append(parameter) }

  mutating func append(_ function: FlatFunction) -> FunctionID {
    functions.append(function)
    return FunctionID(index: Int32(functions.count - 1))
  }

  /// The list of the last numbers of `open`, from `mark` on, which are taken away from there.
  mutating func close(_ open: inout [Int32], from mark: Int) -> FlatList {
    let list = FlatList(start: Int32(lists.count), count: Int32(open.count - mark))
    lists.append(contentsOf: open[mark...])
    open.removeLast(open.count - mark)
    return list
  }

  /// The place of a message about what is not compiled.
  mutating func message(_ text: String) -> Int32 {
    messages.append(text)
    return Int32(messages.count - 1)
  }

  /// Lets copies share all that is there.
  mutating func share() {
    expressions.share()
    statements.share()
    lists.share()
    loops.share()
    types.share()
    parameters.share()
    functions.share()
    messages.share()
  }
}
