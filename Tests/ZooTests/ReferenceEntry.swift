import Syntax

/// How a reference file says what a spec says in other words.
struct ReferenceEntry {
  /// The norm that it is for; that of the file's name where there is none.
  var norm: String?
  /// The spec's names, by those of the file.
  var names: [String: String] = [:]
  /// What the file has beyond the norm: numbers that the spec's text holds.
  var leftOut: Set<String> = []
  var parameterGradients = ParameterGradients.ofEachRank
  /// Sizes that the file does not name.
  var sizes: [String: Int] = [:]
  /// The event that the file's only step is, where it is no call.
  var event: String?

  /// What the file has for the gradients of parameters where there are ranks, for each of them.
  enum ParameterGradients {
    case ofEachRank
    /// Their mean, as a host makes it from what each rank has.
    case averaged
  }

  static func of(_ file: String) -> ReferenceEntry { table[file] ?? ReferenceEntry() }

  /// The name in the spec, one of `known`, for a name of the file.
  func name(_ name: String, among known: [String]) -> String? {
    [names[name], name, Self.common[name]].compactMap(\.self).first { known.contains($0) }
  }

  /// The size that a number of the file gives, which no tensor's shape does.
  func sizeName(_ name: String, in norm: CheckedNorm) -> String? {
    self.name(name, among: norm.sizes.filter { $0.standard != nil }.map(\.name))
  }

  func leavesOut(_ name: String) -> Bool { leftOut.contains(name) }

  /// Names that differ in many files.
  private static let common = [
    "iters": "step", "ema_gz": "nu", "pad_mask": "padding", "warmup_iters": "warmup",
    "groups": "G", "num_batches": "step", "mask": "valid",
  ]

  /// The files that need more than their names.
  static let table: [String: ReferenceEntry] = [
    "batch_norm_1d": ReferenceEntry(norm: "batch_norm"),
    "batch_norm_1d_sequence": ReferenceEntry(norm: "batch_norm"),
    "batch_norm_cumulative": ReferenceEntry(leftOut: ["momentum"]),
    "batch_norm_population": ReferenceEntry(leftOut: ["momentum"]),
    "batch_norm_size_weighted": ReferenceEntry(leftOut: ["momentum"]),
    "batch_renorm": ReferenceEntry(names: ["d_max": "reach"]),
    "power_norm": ReferenceEntry(norm: "power_norm_core"),
    "mask_power_norm_2d": ReferenceEntry(norm: "scaled_power_norm"),
    "mask_power_norm_4d": ReferenceEntry(norm: "scaled_power_norm"),
    "batch_layer_norm_2d": ReferenceEntry(norm: "batch_layer_norm"),
    "batch_layer_norm_4d": ReferenceEntry(norm: "batch_layer_norm"),
    "group_norm_backward": ReferenceEntry(
      names: ["d_y": "dy", "d_x": "dx", "d_weight": "dw", "d_bias": "db", "rstd": "r"]),
    "act_norm_initialise": ReferenceEntry(norm: "act_norm", event: "initialise"),
    "conditional_batch_norm": ReferenceEntry(names: ["label": "class", "D": "K"]),
    "gated_rms_norm": ReferenceEntry(sizes: ["G": 2]),
    "gated_rms_norm_before": ReferenceEntry(sizes: ["G": 2]),
    "group_rms_norm": ReferenceEntry(sizes: ["G": 2]),
    "sync_power_norm_mean_of_means": ReferenceEntry(parameterGradients: .averaged),
    "mabn_late": ReferenceEntry(norm: "mabn"),
    "local_response_norm": ReferenceEntry(leftOut: ["size"]),
  ]
}
