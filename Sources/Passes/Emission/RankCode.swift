import CCode
import LoopIR

/// What lies between the steps of functions that several processes compute together.
///
/// Partial results are an array of words of 8 bytes. The *opening*: a tag of the spec, the options
/// and the step; the number of bytes; the number of processes; the length of the arrays of each
/// entry; the extents of arrays with several axes. Then the arrays, of float64. What is merged has
/// the same form.
extension CallCode {
  /// The cuts of all functions, with the name of the step before each.
  private var cuts: [(name: String, cut: RankCut)] {
    functions.compactMap { function in
      guard let step = function.step, !step.isLast else { return nil }
      return (function.name, step.cuts[step.number - 1])
    }
  }

  /// `true` iff a function is computed by several processes.
  var hasRanks: Bool { !cuts.isEmpty }

  /// How partial results are laid out, checked and merged.
  var rankItems: [CItem] {
    if cuts.isEmpty { return [] }
    return helpers.map { .raw($0) }
      + cuts.flatMap { name, cut -> [CItem] in
        [
          .raw(words(name, cut)), .function(opening(name, cut)),
          .function(byteCount(name)), .function(merge(name, cut)),
        ]
      }
  }

  /// `true` iff processes merge means with squared deviations.
  var mergesMoments: Bool {
    cuts.contains { $0.cut.entries.contains { $0.kind == .moments } }
  }

  private var helpers: [String] {
    [RankText.opening, RankText.numbers] + (mergesMoments ? [RankText.moments] : [])
      + [RankText.merging(hasMoments: mergesMoments)]
  }

  private func wordCount(_ name: String) -> String { name.uppercased() + "_WORDS" }

  private func words(_ name: String, _ cut: RankCut) -> String {
    "enum { \(wordCount(name)) = \(3 + cut.entries.count + sharedAxes(cut).count) };"
  }

  /// The axes of arrays that have several: as long as each other, such arrays may still differ.
  private func sharedAxes(_ cut: RankCut) -> [Int] {
    Set(cut.entries.filter { $0.axes.count > 1 }.flatMap(\.axes)).sorted()
  }

  /// `NAME_opening(sizes, opening)` fills in what the partial results of a step begin with.
  private func opening(_ name: String, _ cut: RankCut) -> CFunction {
    let lengths = cut.entries.map { length($0.axes, name) }
    let word = { (place: Int) in CExpression.index(.name("opening"), .size(place)) }
    let wide = { (value: CExpression) in CExpression.cast(.named("uint64_t"), value) }
    let arrays = zip(cut.entries, lengths).map { entry, length in
      entry.arrays.count == 1 ? length : .multiply(.size(entry.arrays.count), length)
    }
    let sum = arrays.reduce(CExpression.name(wordCount(name))) { .add($0, $1) }
    let body: [CStatement] =
      [
        .set(word(0), .name("0x\(tag(name, cut))ULL")),
        .set(word(1), .multiply(.size(8), wide(sum))),
        .set(word(2), .size(1)),
      ]
      + (lengths + sharedAxes(cut).map { length([$0], name) }).enumerated().map {
        .set(word($0.offset + 3), wide($0.element))
      }
    return CFunction(
      comment: "What the partial results of \(name) begin with.", prefix: ["static"],
      name: name + "_opening",
      parameters: sizes + [CParameter(.pointer(to: .named("uint64_t")), "opening")],
      body: unused(in: body) + body)
  }

  /// The number of elements of an array with these axes.
  private func length(_ axes: [Int], _ name: String) -> CExpression {
    guard let function = functions.first(where: { $0.name == name }) else { return .size(1) }
    return product(of: axes, function.kernel)
  }

  /// Sixteen digits that change with all that decides what partial results mean.
  private func tag(_ name: String, _ cut: RankCut) -> String {
    let entries = cut.entries.map { "\($0.kind.rawValue) \($0.arrays.joined(separator: " "))" }
    let step = ([name] + entries).joined(separator: "\n")
    return fingerprint(of: provenance) + fingerprint(of: provenance + "\n" + step)
  }

  private func byteCount(_ name: String) -> CFunction {
    let opening = CExpression.name("opening")
    let check = CExpression.binary(.notEqual, .call("check_sizes", sizeNames), status("OK"))
    return CFunction(
      result: .size, name: "\(prefix)_\(name)_bytes", parameters: sizes,
      body: [
        .branch(check, [.return(.name("SIZE_MAX"))]),
        .declare(openingType(name), "opening"),
        .expression(.call(name + "_opening", sizeNames + [opening])),
        .return(.cast(.size, .index(opening, .size(1)))),
      ])
  }

  private func openingType(_ name: String) -> CType {
    .array(of: .named("uint64_t"), count: .name(wordCount(name)))
  }

  private func merge(_ name: String, _ cut: RankCut) -> CFunction {
    let kinds = cut.entries.map { CInitializer(.name($0.kind.nameInC)) }
    let (given, merged) = (CExpression.name("partials"), CExpression.name("merged"))
    let isDone = CExpression.call(
      "merge_partials", .name("ranks"), given, .name("0x\(tag(name, cut))ULL"),
      .name("kinds"), .size(cut.entries.count), .name(wordCount(name)), merged)
    return CFunction(
      result: statusType, name: "\(prefix)_\(name)_merge", parameters: Self.mergeParameters,
      body: [
        .declaration(
          CDeclaration(
            prefix: ["static"], .const(.array(of: .named("partial_kind"), count: nil)),
            [CVariable("kinds", .initializer(kinds))])),
        .branch(.not(.and(given, merged)), [.return(status("NULL_POINTER"))]),
        .return(.conditional(isDone, status("OK"), status("BAD_PARTIALS"))),
      ])
  }

  static let mergeParameters = [
    CParameter(.size, "ranks", comment: "how many processes there are"),
    CParameter(
      .pointer(toConst: .void), "partials",
      comment: "what each of them has written, one behind the other, in the order of ranks"),
    CParameter(.pointer(to: .void), "merged", comment: "out: as many bytes as one of them has"),
  ]

  // Inside of a step

  /// Checks what a step is given, and finds the arrays in it.
  func rankArrays(_ function: CompiledFunction) -> [CStatement] {
    guard let step = function.step else { return [] }
    let read = function.readCuts.flatMap { number -> [CStatement] in
      let merged = CExpression.name(KernelCut.argument(number))
      let name = "\(function.callName)_\(number)"
      let opening = CExpression.name(openingName(number))
      let fits = CExpression.call("begins_with", merged, opening, .name(wordCount(name)))
      return [
        .branch(.not(merged), [.return(status("NULL_POINTER"))]),
        .declare(openingType(name), openingName(number)),
        .expression(.call(name + "_opening", sizeNames + [opening])),
        .branch(.not(fits), [.return(status("BAD_PARTIALS"))]),
      ] + arrays(of: step.cuts[number - 1], name, in: merged, function)
    }
    if step.isLast { return read }
    let partials = CExpression.name("partials")
    return read + [.branch(.not(partials), [.return(status("NULL_POINTER"))])]
      + arrays(of: step.cuts[step.number - 1], function.name, in: partials, function)
  }

  /// Pointers to the arrays of a cut that a step reads or writes.
  private func arrays(
    of cut: RankCut, _ name: String, in buffer: CExpression, _ function: CompiledFunction
  ) -> [CStatement] {
    var place = CExpression.name(wordCount(name))
    var statements: [CStatement] = []
    for entry in cut.entries {
      for array in entry.arrays {
        if let found = function.kernel.buffers.first(where: { $0.name == array }) {
          let element = found.role == .output ? CType.double : .const(.double)
          statements.append(
            .constant(
              .pointer(to: element), array,
              .add(.cast(.pointer(to: element), buffer), place)))
        }
        place = .add(place, length(entry.axes, name))
      }
    }
    return statements
  }

  /// Marks partial results as such, after all else.
  func rankOpening(_ function: CompiledFunction) -> [CStatement] {
    guard let step = function.step, !step.isLast else { return [] }
    let partials = CExpression.cast(.pointer(to: .named("uint64_t")), .name("partials"))
    return [.expression(.call(function.name + "_opening", sizeNames + [partials]))]
  }
}

extension PartialResult.Kind {
  fileprivate var nameInC: String { "PARTIAL_" + rawValue.uppercased() }
}

/// What is the same in all files with ranks.
private enum RankText {
  static let opening = """
    /** Whether merged results begin with `opening`, for any number of processes. */
    HELPER bool begins_with(const void *merged, const uint64_t *opening, size_t words) {
      const uint64_t *given = (const uint64_t *)merged;
      for (size_t i = 0; i < words; i++) {
        if (i != 2 && given[i] != opening[i]) return false;
      }
      return true;
    }
    """

  static let numbers = """
    /** How an entry of partial results is merged. */
    typedef enum { PARTIAL_SUM, PARTIAL_MAX, PARTIAL_MIN, PARTIAL_MOMENTS } partial_kind;

    /** Merges an array of `length` numbers of each process, which are `words` apart: sums, or the
     *  largest or smallest, or a NaN. */
    HELPER void merge_numbers(partial_kind kind, size_t ranks, size_t words, size_t length,
                              const double *given, double *merged) {
      for (size_t i = 0; i < length; i++) {
        double all = given[i];
        for (size_t rank = 1; rank < ranks; rank++) {
          const double own = given[rank * words + i];
          const bool stays = (kind == PARTIAL_MAX ? all > own : all < own) || all != all;
          all = kind == PARTIAL_SUM ? all + own : stays ? all : own;
        }
        merged[i] = all;
      }
    }
    """

  static let moments = """
    /** Merges counts, means and squares of `length` numbers of each process. */
    HELPER void merge_moments(size_t ranks, size_t words, size_t length, const double *given,
                              double *merged) {
      for (size_t i = 0; i < length; i++) {
        moments all = {given[i], given[length + i], given[2 * length + i]};
        for (size_t rank = 1; rank < ranks; rank++) {
          const double *at = given + rank * words + i;
          const moments own = {at[0], at[length], at[2 * length]};
          all = merge(all, own);
        }
        merged[i] = all.count;
        merged[length + i] = all.mean;
        merged[2 * length + i] = all.squares;
      }
    }
    """

  /// The function that merges all entries.
  static func merging(hasMoments: Bool) -> String {
    let entry =
      hasMoments
      ? """
          size_t length = (size_t)opening[3 + entry];
          if (kinds[entry] == PARTIAL_MOMENTS) {
            merge_moments(ranks, words, length, given, out);
            length *= 3;
          } else {
            merge_numbers(kinds[entry], ranks, words, length, given, out);
          }
      """
      : """
          const size_t length = (size_t)opening[3 + entry];
          merge_numbers(kinds[entry], ranks, words, length, given, out);
      """
    return """
      /** Merges the partial results of processes in the order of their ranks, whose arrays stand
       *  behind `begin` words; `false`, with nothing written, iff they are not of the step with
       *  this tag, or of different sizes. */
      HELPER bool merge_partials(size_t ranks, const void *partials, uint64_t tag,
                                 const partial_kind *kinds, size_t entries, size_t begin,
                                 void *merged) {
        const uint64_t *opening = (const uint64_t *)partials;
        uint64_t *result = (uint64_t *)merged;
        uint64_t processes = 0;
        if (ranks == 0 || opening[0] != tag) return false;
        const size_t words = (size_t)opening[1] / 8;
        for (size_t rank = 0; rank < ranks; rank++) {
          const uint64_t *own = opening + rank * words;
          if (!begins_with(own, opening, begin)) return false;
          processes += own[2];
        }
        const float_mode callers = enter_float_mode();
        for (size_t i = 0; i < begin; i++) result[i] = i == 2 ? processes : opening[i];
        const double *given = (const double *)partials + begin;
        double *out = (double *)merged + begin;
        for (size_t entry = 0; entry < entries; entry++) {
      \(entry)
          given += length;
          out += length;
        }
        set_float_mode(callers);
        return true;
      }
      """
  }
}
