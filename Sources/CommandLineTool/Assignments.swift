import ArgumentParser
import NormGen

/// `NAME=VALUE`: a scalar; a condition is `true` or `false`.
struct SettingArgument: ExpressibleByArgument {
  var name: String
  var value: Double

  init?(argument: String) {
    guard let (name, text) = assignment(argument) else { return nil }
    self.name = name
    switch text {
    case "true": value = 1
    case "false": value = 0
    default:
      guard let number = Double(text) else { return nil }
      value = number
    }
  }
}

/// `AXIS=N,...`: the sizes of some axes.
struct SizesArgument: ExpressibleByArgument {
  var sizes: [(axis: String, size: Int)] = []

  init?(argument: String) {
    for part in argument.split(separator: ",", omittingEmptySubsequences: false) {
      guard let (axis, text) = assignment(String(part)), let size = Int(text) else { return nil }
      sizes.append((axis, size))
    }
  }
}

extension [SizesArgument] {
  /// By name; of two sizes of one axis, the last counts.
  var byName: [String: Int] {
    Dictionary(flatMap(\.sizes)) { _, last in last }
  }
}

/// `vjp,jvp,vjp2`: some derivatives.
struct DerivativesArgument: ExpressibleByArgument {
  var derivatives: Set<Options.Derivative> = [.vjp]

  init() {}

  init?(argument: String) {
    derivatives = []
    for name in argument.split(separator: ",", omittingEmptySubsequences: false) {
      guard let derivative = Options.Derivative(rawValue: String(name)) else { return nil }
      derivatives.insert(derivative)
    }
  }

  var defaultValueDescription: String {
    Options.Derivative.allCases.filter(derivatives.contains).map(\.rawValue)
      .joined(separator: ",")
  }
}

/// A number of threads; `all` is one for each processor.
struct ThreadsArgument: ExpressibleByArgument {
  var count = 1

  init() {}

  init?(argument: String) {
    if argument == "all" {
      count = Kernel.Threads.processorCount
      return
    }
    guard let count = Int(argument), (1...Kernel.Threads.limit).contains(count) else { return nil }
    self.count = count
  }

  var defaultValueDescription: String { String(count) }
}

/// `x=N,S,C`: the order in memory of a tensor's axes.
struct LayoutArgument: ExpressibleByArgument {
  var tensor: String
  var axes: [String]

  init?(argument: String) {
    guard let (tensor, text) = assignment(argument) else { return nil }
    self.tensor = tensor
    axes = text.split(separator: ",", omittingEmptySubsequences: false).map { axis in
      String(axis.hasSuffix("...") ? axis.dropLast(3) : axis)
    }
    if axes.contains("") { return nil }
  }
}

/// `NAME=FILE.npy`: what a run is given.
struct FileArgument: ExpressibleByArgument {
  var name: String
  var path: String

  init?(argument: String) {
    guard let (name, path) = assignment(argument) else { return nil }
    self.name = name
    self.path = path
  }
}

/// The two sides of `=`, neither of them empty.
private func assignment(_ argument: String) -> (String, String)? {
  guard let equals = argument.firstIndex(of: "=") else { return nil }
  let (name, value) = (argument[..<equals], argument[argument.index(after: equals)...])
  return name.isEmpty || value.isEmpty ? nil : (String(name), String(value))
}
