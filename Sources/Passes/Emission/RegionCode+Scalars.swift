import Basics
import CCode
import LoopIR

extension RegionCode {
  /// Values at one place or of each column, as plain C. What is read from memory is read before
  /// anything is stored, so that a state may be set in place.
  mutating func scalars(_ step: ScalarStep) -> [CStatement] {
    let program = named(step)
    let fixed = Dictionary(
      step.defines.map { ($0.value, kernel.scalars[$0.scalar.index].name) },
      uniquingKeysWith: { first, _ in first })
    let stored = step.stores.map(\.value)
    let code = ProgramCode(
      program, kernel.type, .scalar, in: step.isOfColumns ? .loop : .place,
      arguments: step.body.arguments.map { source($0, step) },
      roots: step.defines.map(\.value) + stored, fixed: fixed, pinned: Set(stored), names: scope)
    let writes = step.stores.map { store(code[$0.value], $0.buffer, step) }
    scope = code.names
    return step.isOfColumns
      ? columns(step, code.statements, writes) : code.statements + writes
  }

  /// The program of a step, with names for what it reads.
  private func named(_ step: ScalarStep) -> LaneProgram {
    var program = step.body.program
    for (place, operation) in program.operations.enumerated() {
      guard case .argument(let argument) = operation else { continue }
      switch step.body.arguments[argument] {
      case .load(let buffer): program.names[place] = kernel.buffers[buffer.index].name + "_here"
      case .scalar(let id) where kernel.scalars[id.index].isOfColumn:
        program.names[place] = kernel.scalars[id.index].name + "_here"
      case .scalar, .parameter, .size, .place, .within: break
      }
    }
    return program
  }

  /// A loop over the columns of the place.
  private func columns(
    _ step: ScalarStep, _ statements: [CStatement], _ writes: [CStatement]
  ) -> [CStatement] {
    let scalars = step.defines.map { kernel.scalars[$0.scalar.index] }
    let arrays = scalars.map { scalar in
      CStatement.declare(
        .array(of: scalar.columnElement(kernel.type), count: .name("COLUMNS")),
        scalar.columnArray)
    }
    let kept = scalars.map { scalar in
      CStatement.set(.index(.name(scalar.columnArray), .name("c")), .name(scalar.name))
    }
    return arrays + [.count("c", to: .name("width"), statements + kept + writes)]
  }

  private func source(_ source: Source, _ step: ScalarStep) -> CExpression {
    switch source {
    case .load(let id):
      let buffer = kernel.buffers[id.index]
      return buffer.element.read(.index(buffer.array(in: kernel), offset(buffer, step)))
    case .scalar(let id):
      let scalar = kernel.scalars[id.index]
      if !scalar.isOfColumn { return .name(scalar.name) }
      let element = CExpression.index(.name(scalar.columnArray), .name("c"))
      return scalar.type == .condition ? .binary(.notEqual, element, .integer(0)) : element
    case .parameter(let id):
      let parameter = kernel.parameters[id.index]
      return parameter.kind == .counter
        ? .cast(.double, .name(parameter.name)) : .name(parameter.name)
    case .size(let axes):
      let factors = axes.map { CExpression.cast(.double, index.extent($0)) }
      return .chain(.multiply, factors, empty: .double(1))
    case .place(let axes): return place(axes)
    case .within: unreachable("emission: a range of a run beside the run")
    }
  }

  /// The offset of the element of `buffer` at the place, or of a column of it.
  private func offset(_ buffer: Buffer, _ step: ScalarStep) -> CExpression {
    let base = index.offset(buffer, at: Set(region.kept))
    guard step.isOfColumns, buffer.axes.contains(where: { region.columns.contains($0) }) else {
      return base ?? .size(0)
    }
    let column = CExpression.add(.name("column"), .name("c"))
    let inner =
      buffer.access(along: region.columns) == .contiguous
      ? column : index.offset(buffer, run: region.columns, element: column)
    return base.map { .add($0, inner) } ?? inner
  }

  /// The place along axes as a `double`.
  private func place(_ axes: [Int]) -> CExpression {
    let column = CExpression.add(.name("column"), .name("c"))
    let flat = index.flat(axes) { axis in
      region.columns.firstIndex(of: axis).map {
        index.digit($0, of: region.columns, from: column)
      } ?? index.place(axis)
    }
    return .cast(.double, flat ?? .size(0))
  }

  private func store(_ value: CExpression, _ id: BufferID, _ step: ScalarStep) -> CStatement {
    let buffer = kernel.buffers[id.index]
    let array = buffer.array(in: kernel)
    let write = CStatement.set(.index(array, offset(buffer, step)), buffer.element.written(value))
    return buffer.role == .output ? .branch(array, [write]) : write
  }
}
