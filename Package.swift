// swift-tools-version: 6.2
import PackageDescription

/// Every module is built in the Swift 6 language mode; a warning is an error.
let settings: [SwiftSetting] = [.treatAllWarnings(as: .error)]

/// A module of the compiler, which may import only the modules named here.
func module(_ name: String, imports: [Target.Dependency] = []) -> Target {
  .target(name: name, dependencies: imports, swiftSettings: settings)
}

/// The tests of the module or subject `name`. Data beside them is found by path, not bundled.
func tests(_ name: String, of imports: [Target.Dependency], data: [String] = []) -> Target {
  .testTarget(
    name: name + "Tests", dependencies: imports, exclude: data, swiftSettings: settings)
}

/// What tests of several modules use.
let support = Target.target(
  name: "TestSupport", path: "Tests/TestSupport", swiftSettings: settings)

/// The compiler's own languages and passes.
let compiler: [Target.Dependency] = [
  "Basics", "Syntax", "TensorIR", "LoopIR", "CCode", "Passes",
]

let package = Package(
  name: "normgen",
  products: [
    .library(name: "NormGen", targets: ["NormGen"]),
    .executable(name: "normgen", targets: ["CommandLineTool"]),
    .executable(name: "benchmark-table", targets: ["BenchmarkTable"]),
    .executable(name: "digits", targets: ["Digits"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0")
  ],
  targets: [
    .systemLibrary(name: "CTinyCC", providers: [.apt(["libtcc-dev"])]),
    module("Basics"),
    module("Syntax", imports: ["Basics"]),
    module("TensorIR", imports: ["Basics"]),
    module("LoopIR", imports: ["Basics"]),
    module("CCode", imports: ["Basics"]),
    module("Passes", imports: ["Basics", "Syntax", "TensorIR", "LoopIR", "CCode"]),
    module("Interpreter", imports: ["Basics", "Syntax"]),
    module("Reference", imports: ["Basics", "TensorIR", "LoopIR"]),
    module("NumPyFormat"),
    module("JIT", imports: ["Basics", "CTinyCC", "ThreadPool"]),
    module("MachineCode", imports: ["Basics", "CCode"]),
    .target(name: "ThreadPool", cSettings: [.treatAllWarnings(as: .error)]),
    module(
      "NormGen",
      imports: compiler + ["Interpreter", "JIT", "MachineCode", "NumPyFormat", "ThreadPool"]),
    module("Diagrams"),
    module(
      "Benchmark",
      imports: ["Basics", "Syntax", "LoopIR", "Interpreter", "JIT", "NormGen", "Diagrams"]),
    .target(
      name: "Generated", path: "generated", publicHeadersPath: ".",
      cSettings: [.treatAllWarnings(as: .error)]),
    .executableTarget(
      name: "CommandLineTool",
      dependencies: [
        "NormGen", "Benchmark",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: settings),
    .executableTarget(
      name: "BenchmarkTable",
      dependencies: [
        "NormGen", "Benchmark",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: settings),
    .executableTarget(
      name: "Digits",
      dependencies: [
        "Basics", "NormGen", "NumPyFormat", "Diagrams",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: settings),
    support,
    tests("Syntax", of: ["Basics", "Syntax"], data: ["Expanded", "Invalid", "Valid"]),
    tests("Interpreter", of: ["Basics", "Syntax", "Interpreter"]),
    tests("Reference", of: ["Basics", "Reference"]),
    tests("LoopIR", of: ["Basics", "LoopIR"]),
    tests("CCode", of: ["Basics", "CCode"]),
    tests("JIT", of: ["Basics", "JIT", "TestSupport", "ThreadPool"]),
    tests(
      "MachineCode", of: ["Basics", "CCode", "MachineCode", "JIT", "TestSupport", "ThreadPool"]),
    tests("ThreadPool", of: ["Basics", "ThreadPool"]),
    tests("NumPyFormat", of: ["Basics", "NumPyFormat"], data: ["Arrays"]),
    tests("Passes", of: compiler + ["Reference", "Interpreter", "NormGen"]),
    tests("Pipeline", of: compiler + ["NormGen"], data: ["Goldens"]),
    tests("Generated", of: ["Generated", "NormGen"]),
    tests(
      "Kernel",
      of: compiler + [
        "Reference", "Interpreter", "MachineCode", "NormGen", "NumPyFormat", "TestSupport",
      ]),
    tests("Zoo", of: compiler + ["Interpreter", "NormGen", "NumPyFormat"]),
    tests("Benchmark", of: ["Benchmark", "Diagrams", "LoopIR", "NormGen"]),
    tests("Digits", of: ["Basics", "Digits", "NormGen"]),
    tests("CommandLine", of: compiler + ["NormGen", "NumPyFormat"]),
  ]
)
