/// The fixed text of generated files: everything that does not depend on the norm.
///
/// A file that compilers read from disk is put together as
///
///     banner
///     opening          what all readings share; the first reading begins
///     (call structures, struct kernels)
///     readings         the file includes itself for each instruction set; the first reading ends
///     lanes            the operations on vectors, and sums of slots
///     (kernels, and their table `static const kernels NAME(kernels)`)
///     lastReading      forgets the operations; what follows is read once
///     bestKernels
///     (interface)
///     closing
///
/// Definitions that a norm has no use for are left out (`DefinitionPruning`). A text for TinyCC has
/// the same parts in the same order; it is read once, with one lane.
package struct Prelude: Hashable, Sendable {
  package var type: CComputeType
  package var dialect: CDialect
  /// What a text for TinyCC holds beside what all of them do.
  package var features: Set<PreludeFeature>
  /// The formats of 16 bits that arrays are stored in; there is none beside float64.
  package var shorts: Set<CShortFormat>

  package init(
    type: CComputeType, dialect: CDialect,
    features: Set<PreludeFeature> = Set(PreludeFeature.allCases),
    shorts: Set<CShortFormat> = []
  ) {
    precondition(shorts.isEmpty || type == .float32, "16 bits are converted to float32")
    self.type = type
    self.dialect = dialect
    self.features = features
    self.shorts = shorts
  }

  /// What all readings share, up to the structures that the norm adds.
  package var opening: String {
    switch dialect {
    case .file(_, let header):
      [
        PreludeOpening.includes(header), PreludeOpening.contraction, PreludeOpening.order(type),
        PreludePlaces.ranges(type),
        PreludeOpening.moments, PreludeColumns.type, PreludeOpening.executor,
        PreludeOpening.streaming,
        PreludeOpening.floatMode,
      ].joined(separator: "\n") + shortOpening
    case .memory:
      ([PreludeMemory.types, PreludeMemory.executor, PreludeOpening.order(type)]
        + (features.contains(.places) ? [PreludePlaces.ranges(type)] : [])
        + (features.contains(.moments) ? [PreludeOpening.moments] : [])
        + (features.isSuperset(of: [.moments, .columns]) ? [PreludeColumns.type] : [])
        + [PreludeOpening.executor, PreludeOpening.streaming, PreludeMemory.floatMode]).joined(
          separator: "\n") + shortOpening
    }
  }

  private var shortOpening: String {
    shorts.isEmpty ? "" : "\n" + PreludeShorts.opening(shorts)
  }

  /// The readings of the file for each instruction set.
  package var readings: String {
    switch dialect {
    case .file(let name, _): PreludeReadings.readings(type, shorts, fileName: name)
    case .memory: PreludeReadings.oneReading
    }
  }

  /// The operations on lanes, and the functions on slots.
  package var lanes: String {
    switch dialect {
    case .file:
      [
        PreludeLanes.introduction(type), PreludeLanes.avx512(type), PreludeLanes.avx2(type, shorts),
        "#else /* plain C */\n", PreludeLanes.plain(type, Set(PreludeFeature.allCases)), "#endif\n",
        PreludeLanes.wide(type),
      ].joined(separator: "\n") + (shorts.isEmpty ? "" : "\n" + PreludeShorts.lanes(shorts)) + "\n"
        + [
          PreludeSlots.steps, PreludeSlots.sums(type), PreludeColumns.sums(type),
          PreludeColumns.moments(type), PreludeRides.slots(type), PreludeRides.columns(type),
          PreludeSlots.extremes(type), PreludeRows.text(type), PreludeGathered.text(type),
          PreludeLanes.scaling(type),
        ].joined(separator: "\n")
        + (shorts.isEmpty ? "" : "\n" + PreludeShorts.spreads(shorts))
    case .memory:
      ([PreludeLanes.plain(type, features)] + (shorts.isEmpty ? [] : [PreludeShorts.plain(shorts)])
        + [PreludeSlots.stepsOfOneLane, PreludeSlots.sums(type)]
        + (shorts.isEmpty ? [] : [PreludeShorts.spreads(shorts)])
        + (features.contains(.columns) ? [PreludeColumns.sums(type)] : [])
        + (features.isSuperset(of: [.moments, .columns]) ? [PreludeColumns.moments(type)] : [])
        + (features.contains(.rides) ? [PreludeRides.slots(type)] : [])
        + (features.isSuperset(of: [.rides, .columns]) ? [PreludeRides.columns(type)] : [])
        + (features.contains(.extremes) ? [PreludeSlots.extremes(type)] : [])
        + (features.contains(.integers) ? [PreludeLanes.scaling(type)] : [])
        + (features.contains(.turned) ? [PreludeRows.plain(type)] : [])
        + (features.contains(.gathered) ? [PreludeGathered.plain(type)] : [])
        + (features.isSuperset(of: [.gathered, .extremes])
          ? [PreludeGathered.plainExtremes(type)] : []))
        .joined(separator: "\n")
    }
  }

  /// The structures and functions of the prelude that kernels call, as trees: what is the same
  /// for all lanes, and what is built of the operations on lanes.
  package static func helpers(_ type: CComputeType) -> [CItem] {
    CParser.items(
      of: [
        PreludeOpening.order(type), PreludePlaces.ranges(type), PreludeOpening.moments,
        PreludeColumns.type, PreludeSlots.sums(type), PreludeColumns.sums(type),
        PreludeColumns.moments(type),
        PreludeRides.slots(type), PreludeRides.columns(type), PreludeSlots.extremes(type),
        PreludeRows.helpers(type), PreludeGathered.helpers(type), PreludeLanes.scaling(type),
      ].joined(separator: "\n") + shortHelpers(type))
  }

  /// What public functions call and mention, as trees. Pointers to functions have the type
  /// `void *`.
  package static func entryHelpers(_ type: CComputeType, _ more: [String]) -> [CItem] {
    let cacheBytes = CExpression.size(PreludeOpening.cacheMegabytes << 20)
    let numbers = CEnumeration(constants: [
      CEnumerator("NORMGEN_CACHE_BYTES", cacheBytes), CEnumerator("SIZE_MAX", .size(-1)),
      CEnumerator("PTRDIFF_MAX", .integer(Int64.max)),
    ])
    let texts = [
      "typedef struct { void *parallel_for; void *context; } normgen_executor;",
      PreludeOpening.order(type), PreludeOpening.running("void *piece"), PreludeOpening.streaming,
    ]
    return [.enumeration(numbers)] + CParser.items(of: (texts + more).joined(separator: "\n"))
  }

  private static func shortHelpers(_ type: CComputeType) -> String {
    let all = Set(CShortFormat.allCases)
    return type == .float32
      ? "\n" + PreludeShorts.opening(all) + "\n" + PreludeShorts.spreads(all) : ""
  }

  /// What takes the place of lanes and kernels in a text whose kernels stand elsewhere.
  package static let kernelsElsewhere = "extern const kernels kernels_plain;"

  /// The start of the part that is read once, at the end.
  package var lastReading: String {
    switch dialect {
    case .file: PreludeReadings.lastReading(shorts)
    case .memory: ""
    }
  }

  /// `best_kernels()`: the kernels for the processor that the file runs on.
  package var bestKernels: String {
    switch dialect {
    case .file: PreludeReadings.bestKernels(type, shorts)
    case .memory: PreludeReadings.onlyKernels
    }
  }

  /// The last line of the file.
  package var closing: String {
    switch dialect {
    case .file: "#endif /* the last reading */\n"
    case .memory: ""
    }
  }

  /// The guarded definition of `normgen_executor`, the same in every header.
  package static let executorDeclaration = PreludeOpening.executorDeclaration
}

/// The type that kernels compute in.
package enum CComputeType: String, Hashable, CaseIterable, Sendable {
  case float32 = "float"
  case float64 = "double"
}

/// Who reads the text.
package enum CDialect: Hashable, Sendable {
  /// gcc, clang, TinyCC or another compiler of C11, from a file of this name beside this header.
  case file(name: String, header: String)
  /// TinyCC, from memory and without any header.
  case memory
}

/// A part of the prelude that TinyCC need not read if nothing uses it.
package enum PreludeFeature: Hashable, CaseIterable, Sendable {
  /// Means with squared deviations, and how they are merged.
  case moments
  /// Conditions: `masks`, `m_...` and `v_select`. They come with the two below.
  case masks
  /// Integers: `ints` and `i_...`, and the bits of numbers.
  case integers
  /// Maximum and minimum.
  case extremes
  /// Lanes of float64.
  case wide
  /// Sums along columns; they come with lanes of float64.
  case columns
  /// Sums whose slots lie in memory.
  case rides
  /// Ranges of places along a run.
  case places
  /// Short rows in lanes; they come with lanes of float64.
  case turned
  /// Sums of rows in lanes; they come with lanes of float64.
  case gathered
}

extension CComputeType {
  /// The slots of the canonical order of sums.
  package var slots: Int {
    switch self {
    case .float32: 64
    case .float64: 32
    }
  }

  /// The most additions that a slot takes in a block.
  static let longestChain = 64

  /// The most elements of a run that lie in one block.
  package var longestRun: Int { Self.longestChain * slots }

  /// The most elements of a row that is turned: `MOST_TURNED` in C.
  package static let mostTurned = 16

  /// The longest row whose statistics are made in lanes, together with those of others. What is
  /// read again of longer ones lies no longer in the first cache.
  package static let longestGathered = 256

  /// The lanes of each reading, the widest vectors first.
  package var laneCounts: [Int] {
    switch self {
    case .float32: [16, 8, 1]
    case .float64: [8, 4, 1]
    }
  }
}
