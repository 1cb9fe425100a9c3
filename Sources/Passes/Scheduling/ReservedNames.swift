import Basics
import LoopIR

/// Names that no value may have in generated C: keywords, and what the prelude, `<math.h>` and
/// the loops use themselves.
let reservedNames = NameTable(of: keywordsAndNamesOfC)

private let keywordsAndNamesOfC = Set(
  [
    "auto", "break", "case", "char", "const", "continue", "default", "do", "double", "else",
    "enum", "extern", "float", "for", "goto", "if", "inline", "int", "long", "register",
    "restrict", "return", "short", "signed", "sizeof", "static", "struct", "switch", "typedef",
    "union", "unsigned", "void", "volatile", "while", "bool", "true", "false", "class", "new",
    "delete", "template", "this", "operator", "private", "public", "protected", "namespace",
    "asm", "NULL", "main", "errno",
  ] + [
    "call", "first", "last", "place", "part", "block", "segment", "step", "live", "order", "at",
    "i", "j", "n", "v", "run", "merge", "moments", "combine", "clear", "fold", "lanes", "wide",
    "masks", "ints", "kernels", "rows", "row", "set", "sets", "first_row", "last_row", "cut",
    "start", "slot_count", "short_run", "join", "empty", "columns", "column", "chunks", "width",
    "c", "k", "part_end", "apart",
    "range", "smaller", "larger", "ceil_div", "executor", "workspace",
    "pieces", "piece", "task", "status", "slots", "callers", "float_mode", "streams", "stream",
    "partials", "stretch", "one_block", "rows_taken", "taken", "next_row", "base", "end",
    "in_flight", "stretch_of", "stretch_of_turn", "turns_of_columns", "whole_turns", "whole",
    "next_place", "next_segment", "next_result", "one_step", "more_than", "lone_sqrt", "lone_sqrtf",
    "held", "together", "rows_together", "row_pairs_together", "row_pairs", "rows_gathered",
    "rows_of_set", "slots_apart",
  ] + [
    "exp", "log", "pow", "tanh", "erf", "sqrt", "fabs", "floor", "ceil", "fma", "y0", "y1", "yn",
    "j0", "j1", "jn", "gamma", "signgam", "sin", "cos", "tan", "abs", "div", "index", "remove",
    "rint", "round", "trunc", "log2", "exp2", "exp10", "hypot", "cbrt", "fmax", "fmin", "fmod",
    "isnan", "isinf", "signbit", "memset", "memcpy", "memmove", "size_t", "ptrdiff_t",
    "uint8_t", "uint32_t", "uint64_t", "int32_t", "int64_t", "uintptr_t", "SIZE_MAX", "INFINITY",
    "NAN", "LANES", "NARROWER_LANES", "SLOTS", "VECTORS", "COLUMNS", "NAME", "TARGET", "INLINE",
    "KERNEL", "HELPER", "SHARED", "MOST_TURNED", "FEWEST_TURNED", "FEWEST_HELD", "GATHERED",
    "LONGEST_GATHERED", "MOST_NEAR", "LONGEST_RUN", "LONGEST_CHAIN", "MOST_PARTS", "IN_FLIGHT",
    "SHORT_ROW", "SLOT_GAP", "MOST_FETCHED", "UNROLLED", "EACH_VECTOR", "EACH_ELEMENT",
  ] + [
    // What the prelude defines.
    "add_block", "add_part", "begins_with", "best_kernels", "bits", "bits32", "bits64",
    "block_at", "block_moments", "block_range", "bytes_of", "check_sizes",
    "combine_max", "combine_min", "element_at", "elements", "end_of_elements", "end_of_places",
    "end_of_places_rounded", "enter_float_mode", "fill", "fill_columns", "first_place",
    "first_place_rounded", "fold_max", "fold_max_vectors", "fold_min", "fold_min_vectors",
    "fold_rows", "fold_vectors", "from_bf16", "from_bits", "from_bits32", "from_bits64",
    "from_f16", "gather", "gather_max", "half", "has_exact_inverse", "join_columns", "load_first",
    "load_quads", "maximum", "mean_columns", "merge_block", "merge_columns", "merge_counts",
    "merge_lanes", "merge_moments", "merge_numbers", "merge_partials", "merged_count",
    "minimum", "no_moments", "no_sums", "nonzero", "piece_places",
    "places_in_flight", "put_any_rows", "put_rows", "put_slots", "set_float_mode", "sets_of",
    "slot_blocks", "spread", "spread_bf16", "spread_f16", "step_before", "store_columns",
    "store_quads", "sum_of_lanes", "sum_order", "sum_rows", "take_any_rows", "take_places",
    "take_rows", "take_slots", "times_power", "to_bf16", "to_f16", "turn", "turn_of", "turn_quads",
    "THIS_FILE",
    "PTRDIFF_MAX", "PARTIAL_MAX", "PARTIAL_MIN", "PARTIAL_MOMENTS", "PARTIAL_SUM",
    "WORKSPACE_ALIGNMENT",
  ] + (1...mostCuts).flatMap { [KernelCut.argument($0), openingName($0)] })

/// The variable of a step with what merged results of a cut have to begin with.
func openingName(_ cut: Int) -> String { "opening_\(cut)" }

/// More cuts than any norm has.
private let mostCuts = 16

/// The reserved names that no argument may have either. The others are those of functions that
/// generated files do not call: an argument hides them.
let namesOfTheFile = NameTable(
  of: keywordsAndNamesOfC.subtracting([
    "step", "y0", "y1", "yn", "j0", "j1", "jn", "gamma", "signgam", "sin", "cos", "tan", "abs",
    "div", "index", "remove", "rint", "round", "trunc", "log2", "exp2", "exp10", "hypot", "cbrt",
    "fmax", "fmin", "fmod", "exp", "log", "pow", "tanh", "erf",
  ]))
