import Basics
import LoopIR
import Syntax

/// The passes over memory of one function, with the bytes that they move.
struct PassesText {
  private let kernel: LoopKernel
  private let traffic: Traffic
  private let examples: [String: Int]

  init(_ kernel: LoopKernel, examples: [String: Int]) {
    self.kernel = kernel
    self.examples = examples
    traffic = kernel.traffic
  }

  /// The sum: `4 * (2 N C + 2 N + 2 C) bytes, 2.1 MB for N = 1024, C = 256`.
  var summary: String {
    var text = traffic.moved.text + " bytes"
    let used = Set(traffic.moved.terms.flatMap { $0.factors + $0.divisors })
    let sizes = examples.filter { used.contains($0.key) }.sorted { $0.key < $1.key }
    if let bytes = traffic.moved.value(examples), !sizes.isEmpty {
      let list = sizes.map { "\($0.key) = \($0.value)" }.joined(separator: ", ")
      text += ", \(magnitude(bytes)) for \(list)"
    }
    return text
  }

  /// Each region with its passes.
  var lines: [String] {
    var writer = TextWriter()
    for region in traffic.regions { write(region, to: &writer) }
    return writer.text.split(separator: "\n").map { String($0) }
  }

  private func write(_ region: Traffic.Region, to writer: inout TextWriter) {
    writer.line("\(region.title): \(loops(region))")
    writer.indented { writer in
      for (index, pass) in region.passes.enumerated() {
        writer.line("pass \(index + 1)\(what(pass)), \(reads(pass))")
      }
      var parts: [String] = []
      if !region.reads.isEmpty { parts.append("reads \(names(region.reads))") }
      if !region.writes.isEmpty { parts.append("writes \(names(region.writes))") }
      writer.line("\(parts.joined(separator: "; ")): \(region.moved.text) bytes")
      if !region.cached.isEmpty {
        writer.line("as long as \(region.cached.text) bytes stay in cache")
      }
    }
  }

  private func loops(_ region: Traffic.Region) -> String {
    let places = region.kept.isEmpty ? [] : ["for each \(list(region.kept))"]
    var columns = region.columns.isEmpty ? [] : ["for stretches of \(list(region.columns))"]
    if region.takesTurns { columns.append("by turns with the passes above") }
    return places.isEmpty && columns.isEmpty ? "once" : (places + columns).joined(separator: ", ")
  }

  private func what(_ pass: Traffic.Pass) -> String {
    let axes = pass.axes.isEmpty ? "" : " over \(list(pass.axes))"
    let rides = pass.rides.isEmpty ? "" : ", adds to \(names(pass.rides))"
    return switch pass.kind {
    case .reduce: "\(axes) makes \(pass.makes.joined(separator: ", "))\(rides)"
    case .store: "\(axes) writes \(pass.makes.joined(separator: ", "))\(rides)"
    }
  }

  private func reads(_ pass: Traffic.Pass) -> String {
    let reads = pass.reads.map { read in
      kernel.buffers[read.buffer.index].name + (read.isAgain ? " again" : "")
    }
    return reads.isEmpty ? "reads nothing" : "reads " + reads.joined(separator: ", ")
  }

  private func list(_ axes: [Int]) -> String {
    axes.map { kernel.axes[$0].name }.joined(separator: ", ")
  }

  private func names(_ buffers: [BufferID]) -> String {
    buffers.map { kernel.buffers[$0.index].name }.joined(separator: ", ")
  }
}

/// A number of bytes with two digits or more: `2.1 MB`.
private func magnitude(_ bytes: Double) -> String {
  let units = ["bytes", "kB", "MB", "GB", "TB"]
  var (number, unit) = (bytes, 0)
  while number >= 1000, unit < units.count - 1 {
    number /= 1000
    unit += 1
  }
  let digits = number < 10 && unit > 0 ? (number * 10).rounded() / 10 : number.rounded()
  let text = digits == digits.rounded() ? String(Int(digits)) : String(digits)
  return "\(text) \(units[unit])"
}

extension CheckedNorm {
  /// Sizes for examples: 1024 for runs of axes, 256 for others, groups as the source says.
  var exampleSizes: [String: Int] {
    var examples: [String: Int] = [:]
    for size in sizes { examples[size.name] = size.standard ?? (size.isRun ? 1024 : 256) }
    for axis in axes {
      guard case .quotient(let whole, by: let part) = axis.extent else { continue }
      let divisor = max(examples[sizes[part.index].name] ?? 1, 1)
      let name = sizes[whole.index].name
      if let size = examples[name], size % divisor != 0 { examples[name] = 8 * divisor }
    }
    return examples
  }
}
