import CCode
import LoopIR

/// The kernels of a region whose places lie in lanes.
extension RegionCode {
  mutating func writeTurned() {
    guard let axis = kernel.turnedAxis(of: region) else { return }
    var prologue: [CStatement] = []
    for step in region.prologue { prologue += scalars(step) }
    var turned = TurnedCode(kernel, region, axis, scope: scope)
    let loops: [CStatement]
    if let rides = region.rides {
      loops = rowLoop(
        rides, turned.loop(from: .name("first_row"), to: .name("last_row")))
    } else {
      loops = turned.loop(from: .name("first"), to: .name("last"))
    }
    let code = prologue + loops
    let used = UsedNames(in: code)
    guard case .name(let length) = index.extent(axis) else {
      for variant in variants {
        functions.append(function("KERNEL", name + variant.suffix, parameters, locals(used) + code))
      }
      return
    }
    let places = name + "_turned_places"
    functions.append(
      function(
        "INLINE", places, parameters + [CParameter(.size, length)],
        locals(used, given: length) + code))
    for variant in variants { functions.append(kernel(variant, axis, of: places)) }
  }

  /// The kernel for rows of any length, or of one.
  private func kernel(_ variant: KernelVariant, _ axis: Int, of places: String) -> CFunction {
    let known: Int? = if case .turned(let length) = variant { length } else { nil }
    let length =
      known.map { CExpression.size($0) }
      ?? kernel.axes[axis].extent.value { .pointerMember(.name("call"), $0) }
    let call = CExpression.callVariant(
      places, parameters.map { CExpression.name($0.name) } + [length])
    return CFunction(
      prefix: ["KERNEL"], name: "NAME(\(name)\(variant.suffix))", parameters: parameters,
      body: [.expression(call)])
  }
}
