/// Turns a region function into a linear program.
///
/// It runs the function with what is known while it is compiled: calls are replaced by the bodies
/// of the functions, loops with known bounds by their iterations. What is not known becomes
/// instructions.
struct Lowering {
  let target: Target
  let library: Library
  let code: FlatCode
  /// Where functions stand that are called by their addresses.
  let linkage: Linkage
  var builder = Builder()
  var variables: [Variable] = []
  /// The variable that each slot stands for: those of the function that is being run from
  /// `slotsStart` on.
  var slotted: [Int32] = []
  var slotsStart = 0
  /// What variables were before each assignment, to undo those of a branch.
  var journal: [(variable: Int, value: Value)] = []
  /// Where the value of the function that is being run goes.
  var result: Int?
  /// The variables of that function whose addresses it takes.
  var addressed = FlatList(start: 0, count: 0)
  var callDepth = 0
  /// The least that a count is known to be, by its register.
  var leasts: [Register: Int64] = [:]
  /// Numbers that are never -0, each made once: something and +0, or one of them as float64.
  var unsignedZeros: Set<Register> = []
  /// By the register of such a number as float64, that of the float32 that it was.
  var widened: [Register: Register] = [:]
  /// The numbers that vector registers hold in all elements.
  var numbers: [Register: Double] = [:]
  /// Functions, and whether they have loops to ends that vary, as far as that was asked.
  var loopsOfFunctions: [Symbol: Bool] = [:]
  private(set) var frameBytes = 0

  init(_ target: Target, _ library: Library, _ linkage: Linkage = Linkage()) {
    self.target = target
    self.library = library
    self.linkage = linkage
    code = library.code
  }

  /// The program of `function`, whose parameters are pointers and sizes.
  mutating func program(of function: FlatFunction) throws(Unsupported) -> LinearProgram {
    var arguments: [Register] = []
    slotsStart = openSlots(of: function)
    for (place, number) in function.parameters.enumerated() {
      let (slot, parameter) = (Slot(index: Int32(place)), code.parameters[number])
      let type = try type(parameter.type)
      let register = builder.register(.general)
      arguments.append(register)
      switch type {
      case .pointer(let pointee):
        var isConstant = false
        if case .structure = pointee { isConstant = true }
        let pointer = Pointer(
          place: MemoryPlace(base: register), pointee: pointee, isConstant: isConstant)
        declare(slot, type, .pointer(pointer))
      case .scalar(let scalar) where !scalar.isFloating:
        declare(slot, type, .general(register, scalar))
      default: throw Unsupported("a parameter that is neither pointer nor integer")
      }
    }
    addressed = function.addressed
    let type = try type(function.result)
    if type != .void {
      variables.append(Variable(type: type, value: .undefined))
      result = variables.count - 1
    }
    try run(function.body)
    if let result { try giveResult(variables[result].value) }
    return LinearProgram(
      instructions: builder.whole, classes: builder.classes, labels: builder.labels,
      arguments: arguments, frameBytes: frameBytes)
  }

  // Variables

  /// Makes room for the variables of a function, from the slot on that is returned; parameters take
  /// the first ones.
  mutating func openSlots(of function: FlatFunction) -> Int {
    let start = slotted.count
    slotted += repeatElement(-1, count: function.slots)
    return start
  }

  @discardableResult
  mutating func declare(_ slot: Slot, _ type: ValueType, _ value: Value) -> Int {
    variables.append(Variable(type: type, value: value))
    slotted[slotsStart + Int(slot.index)] = Int32(variables.count - 1)
    return variables.count - 1
  }

  func variable(_ slot: Slot) -> Int { Int(slotted[slotsStart + Int(slot.index)]) }

  mutating func set(_ variable: Int, _ value: Value) {
    journal.append((variable, variables[variable].value))
    variables[variable].value = value
  }

  // Types

  func type(_ type: TypeID) throws(Unsupported) -> ValueType {
    switch code[type] {
    case .known(let type): return type
    case .wide:
      return target.number == .float64 ? .vector(.lanes) : .array(of: .vector(.half), count: 2)
    case .unknown(let name): throw Unsupported("the type \(name)")
    }
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
