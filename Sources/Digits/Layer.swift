import NormGen

/// A layer of the network: a norm that makes one array of another.
struct Layer {
  /// Holds the kernels, and the parameters, states and counters of this layer.
  private(set) var norm: NormLayer
  /// The names of the tensor and of the output.
  private let input: String
  private let output: String
  private let masks: [String: KernelArray]
  /// By parameter, what the last steps have moved it by.
  private var velocities: [String: [Float]] = [:]

  /// A norm of rows of features, compiled in memory. Of its axes, C are the features, and the first
  /// of N and B that it has are the samples; whatever else it has is of length 1.
  ///
  /// - Throws: `DigitsError` if it wants more than one tensor and the mask `valid`; what the
  ///   compiler throws.
  init(normalizing norm: Norm, samples: Int, features: Int) throws {
    let kernel = try norm.compile()
    let tensors = try kernel.arguments(of: .forward).filter { $0.role == "tensor" }
    let axes = tensors.flatMap(\.axes)
    var sizes: [String: Int] = [:]
    for axis in axes where kernel.sizeNames.contains(axis) { sizes[axis] = 1 }
    if let axis = axes.first(where: { $0 == "N" || $0 == "B" }) { sizes[axis] = samples }
    sizes["C"] = features
    try self.init(kernel, sizes: sizes, valid: samples)
  }

  /// - Parameters:
  ///   - sizes: those of parameters and states at least.
  ///   - valid: the length of a mask `valid`, which leaves nothing out.
  init(_ kernel: Kernel, sizes: [String: Int], valid: Int = 0) throws {
    var inputs: [String] = []
    var outputs: [String] = []
    var masks: [String: KernelArray] = [:]
    for argument in try kernel.arguments(of: .forward) {
      switch argument.role {
      case "tensor": inputs.append(argument.subject)
      case "output": outputs.append(argument.subject)
      case "mask" where argument.subject == "valid":
        masks["valid"] = .mask(Array(repeating: true, count: valid))
      case "mask", "index":
        throw DigitsError("\(kernel.name): the network has no \(argument.role) \(argument.subject)")
      default: break
      }
    }
    guard inputs.count == 1, outputs.count == 1 else {
      throw DigitsError("\(kernel.name): a layer has one tensor and one output")
    }
    (input, output, self.masks) = (inputs[0], outputs[0], masks)
    norm = try NormLayer(kernel, sizes: sizes)
  }

  /// A forward call and what it has made.
  struct Pass {
    fileprivate let pass: NormLayer.ForwardPass
    let output: KernelArray
  }

  mutating func forward(_ x: KernelArray, _ phase: Kernel.Phase) throws -> Pass {
    let pass = try norm.forward(masks.merging([input: x]) { $1 }, phase)
    guard let y = pass[output] else { throw DigitsError("\(norm.kernel.name): no \(output)") }
    return Pass(pass: pass, output: y)
  }

  /// The gradient of a loss by the input, from that by the output; with it, the parameters take a
  /// step down.
  mutating func backward(
    _ pass: Pass, _ outputGradient: KernelArray, _ descent: Descent
  ) throws -> KernelArray {
    let gradients = try norm.backward(pass.pass, [output: outputGradient])
    for (name, gradient) in gradients where name != input {
      guard let values = norm[name]?.elements(as: Float.self),
        let slopes = gradient.elements(as: Float.self)
      else { continue }
      let (moved, velocity) = descent.step(values, slopes, velocities[name])
      try norm.set(name, to: .float32(moved))
      velocities[name] = velocity
    }
    guard let gradient = gradients[input] else {
      throw DigitsError("\(norm.kernel.name): no gradient of \(input)")
    }
    return gradient
  }

  /// Calls an event of the norm, if it has one of that name.
  mutating func event(_ name: String) throws {
    if norm.kernel.eventNames.contains(name) { try norm.event(name) }
  }

  /// Gives a parameter or state other values.
  mutating func set(_ name: String, to values: [Float]) throws {
    try norm.set(name, to: .float32(values))
  }
}

/// Stochastic gradient descent with momentum.
struct Descent {
  var rate: Float = 0.05
  var momentum: Float = 0.9

  /// The parameters after a step, and what it moved them by.
  ///
  /// - Parameter velocity: what the step before moved them by; `nil` at the start.
  func step(
    _ values: [Float], _ gradient: [Float], _ velocity: [Float]?
  ) -> (values: [Float], velocity: [Float]) {
    var (values, velocity) = (values, velocity ?? Array(repeating: 0, count: values.count))
    for index in values.indices {
      velocity[index] = momentum * velocity[index] - rate * gradient[index]
      values[index] += velocity[index]
    }
    return (values, velocity)
  }
}
