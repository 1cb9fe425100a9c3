/// The norms of the zoo by their numbers, and where each is.
struct ZooTable {
  /// One number of the zoo.
  struct Row {
    let number: Int
    let title: String
    /// The norms of `specs/` that are forms of it; none where it is out.
    var norms: [String] = []
    /// Why it is out.
    var reason = ""
  }

  /// The table in Markdown; `files` has the file of each norm.
  static func text(_ files: [String: String]) -> String {
    let lines = rows.map { row in
      "| \(row.number) | \(row.title) | \(places(of: row, files)) |"
    }
    return (["| # | norm | file: norms |", "|---|---|---|"] + lines).joined(separator: "\n")
  }

  private static func places(of row: Row, _ files: [String: String]) -> String {
    if row.norms.isEmpty { return "out: \(row.reason)" }
    var order: [String] = []
    for norm in row.norms {
      let file = files[norm] ?? ""
      if !order.contains(file) { order.append(file) }
    }
    return order.map { file in
      let norms = row.norms.filter { files[$0] ?? "" == file }.map { "`\($0)`" }
      return "[\(file)](\(file)): \(norms.joined(separator: ", "))"
    }.joined(separator: "; ")
  }

  private static func row(_ number: Int, _ title: String, _ norms: String...) -> Row {
    Row(number: number, title: title, norms: norms)
  }

  private static func out(_ number: Int, _ title: String, _ reason: String) -> Row {
    Row(number: number, title: title, reason: reason)
  }

  static let rows: [Row] = [
    row(
      1, "Batch normalization of rows and sequences", "batch_norm", "batch_norm_needle",
      "batch_norm_no_state"),
    row(2, "Batch normalization of images and volumes", "batch_norm"),
    row(
      3, "Batch normalization, cumulative", "batch_norm_cumulative", "batch_norm_size_weighted"),
    row(4, "Batch normalization by population statistics", "batch_norm_population"),
    row(5, "Frozen batch normalization", "frozen_batch_norm"),
    row(6, "Synchronized batch normalization", "sync_batch_norm"),
    row(
      7, "Ghost batch normalization", "ghost_batch_norm", "ghost_batch_norm_contiguous",
      "ghost_batch_norm_separate"),
    row(8, "Batch renormalization", "batch_renorm", "batch_renorm_scheduled"),
    row(9, "Mean-only batch normalization", "mean_only_batch_norm"),
    row(10, "L1 batch normalization", "l1_batch_norm", "l1_batch_norm_scale"),
    row(11, "Lp batch normalization", "lp_batch_norm"),
    row(12, "L-infinity and range batch normalization", "linf_batch_norm", "range_batch_norm"),
    row(
      13, "Masked batch normalization", "masked_batch_norm", "masked_batch_norm_keras",
      "mask_batch_norm", "mask_sync_batch_norm"),
    row(14, "Extended batch normalization", "extended_batch_norm"),
    row(15, "Batch group normalization", "batch_group_norm", "group_batch_norm"),
    row(16, "Moving average batch normalization", "mabn"),
    out(
      17, "Cross-iteration batch normalization",
      "needs the derivatives of statistics by the weights of the layer before"),
    out(18, "Online normalization", "goes through the samples one after the other"),
    row(19, "Streaming normalization", "streaming_norm"),
    row(20, "PowerNorm-V", "power_norm_v"),
    row(
      21, "PowerNorm", "power_norm", "power_norm_core", "power_norm_paper",
      "power_norm_else_rule", "power_norm_running_divisor", "power_norm_same_divisor"),
    row(
      22, "MaskPowerNorm", "mask_power_norm", "mask_power_norm_valid", "scaled_power_norm",
      "power_scaling"),
    row(23, "SyncPowerNorm", "sync_power_norm", "sync_power_norm_mean_of_means"),
    row(24, "Batch layer normalization", "batch_layer_norm"),
    row(25, "Virtual batch normalization", "virtual_batch_norm"),
    row(26, "Running mean and deviation", "running_mean_std"),
    row(27, "In-place activated batch normalization", "inplace_abn"),
    row(
      28, "Layer normalization", "layer_norm", "layer_norm_two_axes",
      "layer_norm_channels_first", "feature_then_sequence_norm", "sequence_then_feature_norm"),
    row(
      29, "Layer normalization without bias or affine", "layer_norm_no_bias",
      "layer_norm_no_affine", "layer_norm_unit_offset"),
    row(
      30, "Root mean square normalization", "rms_norm", "rms_norm_outside", "rms_norm_bias"),
    row(31, "Partial root mean square normalization", "partial_rms_norm"),
    row(32, "Gemma's root mean square normalization", "gemma_rms_norm"),
    row(
      33, "Compressed root mean square normalization", "crms_norm", "mean_only_layer_norm"),
    row(34, "ScaleNorm", "scale_norm", "scale_norm_sqrt"),
    row(
      35, "Normalization by length", "l2_normalize", "l2_normalize_squared", "p_normalize"),
    row(36, "SimpleNorm", "simple_norm", "simple_norm_biased"),
    row(
      37, "AdaNorm and DetachNorm", "ada_norm", "detach_norm", "detach_norm_mean",
      "detach_norm_deviation"),
    row(38, "Instance normalization", "instance_norm"),
    row(39, "Instance normalization with running statistics", "instance_norm_running"),
    row(
      40, "Group normalization", "group_norm", "group_norm_swish", "group_norm_channels_last",
      "group_norm_backward"),
    row(41, "Group scaling", "group_scaling_1d", "group_rms_norm"),
    row(42, "Positional normalization", "positional_norm", "moment_shortcut"),
    row(43, "PixelNorm", "pixel_norm"),
    row(44, "Filter response normalization", "filter_response_norm"),
    row(
      45, "Global response normalization", "global_response_norm",
      "global_response_norm_sparse"),
    row(
      46, "Local response normalization", "local_response_norm", "local_response_norm_alexnet",
      "local_response_norm_sum"),
    row(47, "Divisive normalization", "divisive_norm", "divisive_norm_1d"),
    row(48, "InstanceNorm++", "instance_norm_plus"),
    row(
      49, "Reversible instance normalization", "reversible_instance_norm",
      "reversible_instance_denorm"),
    row(
      50, "Masked layer, root mean square and instance normalization", "masked_layer_norm",
      "masked_layer_norm_zeroed", "masked_rms_norm", "masked_instance_norm"),
    row(
      51, "Query and key normalization", "qk_l2_norm", "qk_l2_norm_groups", "qk_rms_norm",
      "qk_layer_norm"),
    row(52, "Dynamic tanh", "dynamic_tanh"),
    row(53, "Dynamic erf and inverse square root unit", "dynamic_erf", "dynamic_isru"),
    row(54, "PolyNorm", "poly_norm"),
    row(55, "EvoNorm-B", "evo_norm_b0", "evo_norm_b1", "evo_norm_b2"),
    row(56, "EvoNorm-S", "evo_norm_s0", "evo_norm_s1", "evo_norm_s2"),
    row(57, "Softmax", "softmax", "log_softmax", "masked_softmax", "softmax_one"),
    out(58, "Cosine normalization", "is a matrix product; its two normalizations are 35 and 74"),
    row(59, "The residual step of nGPT", "ngpt_residual"),
    row(60, "Switchable normalization", "switchable_norm", "switchable_norm_1d"),
    row(61, "Batch-instance normalization", "batch_instance_norm"),
    row(
      62, "Adaptive layer-instance normalization", "adaptive_layer_instance_norm",
      "layer_instance_norm"),
    row(63, "Adaptive instance normalization", "adaptive_instance_norm"),
    row(
      64, "Adaptive layer and group normalization", "adaptive_layer_norm",
      "adaptive_layer_norm_zero", "modulated_rms_norm", "adaptive_group_norm"),
    row(
      65, "Conditional batch normalization", "conditional_batch_norm",
      "conditional_batch_norm_delta", "film"),
    row(66, "Spatially adaptive normalization", "spade"),
    row(67, "Domain and split batch normalization", "domain_batch_norm", "split_batch_norm"),
    row(
      68, "Residual sum and normalization", "add_rms_norm", "add_layer_norm",
      "add_rms_norm_parallel"),
    row(
      69, "Gated root mean square normalization", "gated_rms_norm", "gated_rms_norm_before"),
    row(70, "DeepNorm", "deep_norm"),
    row(71, "Sandwich and peri normalization", "sandwich_norm", "peri_norm"),
    row(72, "LayerScale and ReZero", "layer_scale", "re_zero"),
    row(73, "Representative batch normalization", "representative_batch_norm"),
    row(74, "Weight normalization", "weight_norm"),
    row(
      75, "Weight standardization", "weight_standardization", "weight_standardization_biased",
      "weight_standardization_inside"),
    row(
      76, "Scaled weight standardization", "scaled_weight_standardization",
      "scaled_weight_standardization_inside"),
    row(77, "Weight centering and demodulation", "weight_centring", "weight_demodulation"),
    out(78, "Spectral normalization", "needs products of matrix and vector"),
    row(79, "ActNorm", "act_norm"),
    row(80, "PairNorm", "pair_norm", "pair_norm_si"),
    out(81, "GraphNorm", "reduces over segments of unequal length"),
    row(82, "MessageNorm", "message_norm"),
    out(83, "Iterative whitening", "its statistic is a matrix, whose root it takes"),
    out(84, "Order statistics", "sorts"),
  ]
}
