import CCode
import LoopIR
import Syntax

/// The texts of a compiled norm.
package struct GeneratedFiles: Sendable {
  /// `PREFIX.h`
  package var header: String
  /// `PREFIX.c`
  package var source: String
  /// The same kernels as one text for TinyCC: nothing is included, one lane.
  package var memory: String

  package init(header: String, source: String, memory: String) {
    self.header = header
    self.source = source
    self.memory = memory
  }
}

/// Writes the functions of a norm as C.
package struct FileCode {
  let norm: CheckedNorm
  let functions: [CompiledFunction]
  let interface: KernelInterface
  /// How the compiler was asked for the text, for the banner.
  let options: String
  let calls: CallCode

  package init(
    norm: CheckedNorm, functions: [CompiledFunction], interface: KernelInterface, options: String
  ) {
    self.norm = norm
    self.functions = functions
    self.interface = interface
    self.options = options
    calls = CallCode(
      interface, functions,
      provenance: [Banner.versions, options, norm.fullSource].joined(separator: "\n"))
  }

  package var type: ComputeType { interface.type }
  var kernels: [LoopKernel] { calls.forms.map(\.kernel) }

  /// The text of `PREFIX.c`.
  package var source: String {
    let dialect = CDialect.file(
      name: interface.prefix + ".c", header: interface.prefix + ".h")
    let banner = CItem.comment(
      Banner(norm: norm, interface: interface, functions: functions, options: options).source)
    return CFile([banner] + items(Prelude(type: type.prelude, dialect: dialect, shorts: shorts)))
      .prunedText
  }

  /// The items of a file.
  private func items(_ prelude: Prelude) -> [CItem] {
    itemsBeforeCalls(prelude, .functions) + calls.entryPoints + raw(prelude.closing)
  }

  /// All that public functions need.
  func itemsBeforeCalls(_ prelude: Prelude, _ kernels: KernelsInText) -> [CItem] {
    var items: [CItem] = [.raw(trimmed(prelude.opening))]
    switch kernels {
    case .functions:
      let functionCode = FunctionCode(self.kernels, type)
      items += functionCode.scalars + calls.structures + calls.kernelsOfOneLane
      items += [.raw(trimmed(prelude.readings)), .raw(trimmed(prelude.lanes))]
      items += functionCode.lanes
      items += regions.flatMap(\.items)
      items.append(calls.tableOfReading)
    case .elsewhere: items += calls.structures + [.raw(Prelude.kernelsElsewhere)]
    }
    items += raw(prelude.lastReading) + raw(prelude.bestKernels)
    return items + calls.sizeFunctions + calls.rankItems
  }

  private func raw(_ text: String) -> [CItem] {
    text.isEmpty ? [] : [.raw(trimmed(text))]
  }

  /// `text` without the line ends at its end, which the printer adds.
  func trimmed(_ text: String) -> String {
    var text = Substring(text)
    while text.hasSuffix("\n") { text.removeLast() }
    return String(text)
  }

  /// The formats of 16 bits of the arrays.
  var shorts: Set<CShortFormat> {
    Set(kernels.flatMap(\.buffers).compactMap(\.element.short))
  }

  /// What the kernels use of the prelude.
  var features: Set<PreludeFeature> {
    var features = Set<PreludeFeature>()
    let regions = kernels.flatMap(\.regions)
    if regions.contains(where: { !$0.columns.isEmpty }) { features.insert(.columns) }
    if regions.contains(where: { $0.rides != nil }) { features.insert(.rides) }
    if calls.forms.contains(where: { $0.hasTurnedRows }) { features.formUnion([.turned, .wide]) }
    if calls.forms.contains(where: { $0.gathersSums }) { features.formUnion([.gathered, .wide]) }
    if calls.mergesMoments { features.insert(.moments) }
    for step in regions.flatMap(\.steps) {
      switch step {
      // In lanes where rows are turned.
      case .scalars(let step): add(step.body, &features)
      case .store(let step): add(step.body, &features)
      case .reduce(let step):
        add(step.body, &features)
        if !step.stretches.isEmpty || step.selection?.range != nil { features.insert(.places) }
        for accumulator in step.accumulators {
          switch accumulator.kind {
          case .total: break
          case .moments: features.insert(.moments)
          case .maximum, .minimum: features.insert(.extremes)
          }
          if accumulator.condition != nil { features.insert(.masks) }
        }
      }
    }
    return features
  }

  private func add(_ body: Body, _ features: inout Set<PreludeFeature>) {
    if body.program.types.contains(.condition) { features.insert(.masks) }
    if body.readsRanges { features.insert(.places) }
    let usesFunction = body.program.operations.contains { operation in
      if case .function = operation { true } else { false }
    }
    if usesFunction { features.formUnion([.integers, .masks]) }
    let usesPower = body.program.operations.contains { operation in
      if case .function(.power, _) = operation { true } else { false }
    }
    if usesPower || body.program.types.contains(.wide) { features.insert(.wide) }
  }

  // The header

  /// The text of `PREFIX.h`.
  package var header: String {
    let banner = Banner(
      norm: norm, interface: interface, functions: functions, options: options)
    let guardName = interface.prefix.uppercased() + "_H"
    let types = usedTypes
    var items: [CItem] = [
      .comment(banner.header),
      .raw("#ifndef \(guardName)\n#define \(guardName)"),
      .raw((["#include <stddef.h>"] + types).joined(separator: "\n")),
      .raw("#ifdef __cplusplus\nextern \"C\" {\n#endif"),
      .raw(trimmed(Prelude.executorDeclaration)), .enumeration(calls.statuses),
      .prototype(workspacePrototype),
    ]
    for (signature, function) in zip(interface.functions, functions.filter { $0.step == nil }) {
      items.append(.prototype(prototype(signature, function)))
    }
    items += rankPrototypes
    items.append(.prototype(statusTextPrototype))
    items.append(.raw("#ifdef __cplusplus\n}\n#endif\n#endif"))
    return CFile(items).text
  }

  private var usedTypes: [String] {
    let arguments = interface.allFunctions.flatMap(\.arguments)
    let usesBool = arguments.contains { $0.type == .bool }
    let usesIntegers = arguments.contains {
      switch $0.type {
      case .mask, .int64, .bfloat16, .float16: true
      case .real, .double, .size, .bool, .bytes, .executor: false
      }
    }
    return (usesBool ? ["#include <stdbool.h>"] : [])
      + (usesIntegers ? ["#include <stdint.h>"] : [])
  }

  private var workspacePrototype: CFunction {
    CFunction(
      comment: "The bytes of workspace that each function below needs for these sizes; SIZE_MAX "
        + "if the sizes are bad. Any alignment will do.",
      result: .size, name: interface.workspaceSymbol,
      parameters: calls.sizes)
  }

  private var statusTextPrototype: CFunction {
    CFunction(
      comment: "One line in English about a status.", result: .pointer(toConst: .named("char")),
      name: interface.statusTextSymbol,
      parameters: [CParameter(.named(interface.prefix + "_status"), "status")])
  }

  private func prototype(_ signature: KernelFunction, _ function: CompiledFunction) -> CFunction {
    CFunction(
      comment: Banner.purpose(of: function), result: .named(interface.prefix + "_status"),
      name: signature.symbol,
      parameters: signature.arguments.map { $0.parameter(type) })
  }
}
