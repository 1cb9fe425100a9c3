import Basics

/// The norms of a file and those of its folder that they call, each checked once and before those
/// that call it.
struct NormLibrary {
  /// Returns the text of `NAME.norm` in the folder of the file.
  private let file: (_ name: String) -> SourceFile?
  /// The files that were read, by the name that calls them; the first one's is empty.
  /// The files that were read, by the name that calls them; the first one's is empty.
  private var files: [String: SpecFile] = [:]
  /// The names that no file in the folder has.
  private var missingFiles: Set<String> = []
  private var norms: [NormKey: Callee.Lookup] = [:]
  /// The norms that are being checked, each called by the one before.
  private var path: [NormKey] = []

  /// The deepest that calls nest, so that checking them may recurse.
  static let deepestCalls = 32

  init(of source: SourceFile, file: @escaping (_ name: String) -> SourceFile?) {
    self.file = file
    files[""] = SpecFile(source)
  }

  /// A norm by its file and its place there.
  private struct NormKey: Hashable {
    var file: String
    var place: Int
  }

  /// A file and what was found in it.
  private struct SpecFile {
    let source: SourceFile
    /// `nil` if it is no text.
    let tree: SpecTree?
    var log = DiagnosticLog()

    init(_ source: SourceFile) {
      self.source = source
      tree = parse(source, into: &log)
    }
  }

  /// Checks all norms of the first file; none are returned if anything is wrong.
  mutating func checkedNorms() -> [CheckedNorm] {
    guard let tree = files[""]?.tree else { return [] }
    reportNormsWithOneName(tree)
    var found: [CheckedNorm] = []
    for place in tree.norms.indices {
      if case .norm(let callee) = check(NormKey(file: "", place: place)) {
        found.append(callee.norm)
      }
    }
    return files[""]?.log.hasErrors == false ? found : []
  }

  /// Adds what was found in the first file, and in those that it calls, if these have errors.
  func report(into diagnostics: inout DiagnosticSet) {
    for name in files.keys.sorted() {
      guard let file = files[name], name.isEmpty || file.log.hasErrors else { continue }
      diagnostics.insert(file.log, of: file.source)
    }
  }

  private mutating func reportNormsWithOneName(_ tree: SpecTree) {
    var places: [String: SourceSpan] = [:]
    for norm in tree.norms {
      let name = norm.name
      if name.text.hasPrefix("d_") {
        files[""]?.log.report(.gradientName(name.text, at: name.span))
      }
      if let first = places[name.text] {
        files[""]?.log.report(.normTwice(name.text, first: first, at: name.span))
      } else {
        places[name.text] = name.span
      }
    }
  }

  /// Checks a norm, after those that it calls.
  private mutating func check(_ key: NormKey) -> Callee.Lookup {
    if let known = norms[key] { return known }
    guard let norm = files[key.file]?.tree?.norms[key.place] else { return .unknown }
    path.append(key)
    var callees: [String: Callee.Lookup] = [:]
    for word in norm.calledWords where callees[word.text] == nil {
      callees[word.text] = callee(word, from: key.file)
    }
    path.removeLast()
    let result = checked(norm, in: key.file, callees)
    norms[key] = result
    return result
  }

  private mutating func checked(
    _ norm: NormTree, in file: String, _ callees: [String: Callee.Lookup]
  ) -> Callee.Lookup {
    guard !norm.isBroken, let source = files[file]?.source, var log = files[file]?.log else {
      return .broken
    }
    defer { files[file]?.log = log }
    guard let expanded = expanded(norm, of: source, into: &log) else { return .broken }
    var checker = NormChecker(expanded, of: source, callees: callees, log: log)
    let result = checker.check()
    log = checker.log
    let callsBroken = callees.values.contains { if case .broken = $0 { true } else { false } }
    if callsBroken { return .broken }
    return result.map { .norm(Callee(norm: $0, axes: checker.axes)) } ?? .broken
  }

  /// The norm that `word` calls in `caller`: of the same file, or of the file of its name.
  private mutating func callee(_ word: Identifier, from caller: String) -> Callee.Lookup {
    if let key = place(of: word.text, in: caller) { return callee(key, at: word, from: caller) }
    read(word.text)
    guard let file = files[word.text] else { return .unknown }
    guard let key = place(of: word.text, in: word.text) else {
      guard file.log.hasErrors else { return .unknown }
      files[caller]?.log.report(.brokenFile(word.text, at: word.span))
      return .broken
    }
    return callee(key, at: word, from: caller)
  }

  private mutating func callee(
    _ key: NormKey, at word: Identifier, from caller: String
  ) -> Callee.Lookup {
    if let start = path.firstIndex(of: key) {
      let names = path[start...].compactMap { files[$0.file]?.tree?.norms[$0.place].name.text }
      files[caller]?.log.report(.recursiveCall(names, at: word.span))
      return .broken
    }
    guard path.count < Self.deepestCalls else {
      files[caller]?.log.report(.callsTooDeep(at: word.span))
      return .broken
    }
    let result = check(key)
    if key.file != caller, case .broken = result {
      files[caller]?.log.report(.brokenFile(key.file, at: word.span))
    }
    return result
  }

  /// The first norm of that name in a file.
  private func place(of norm: String, in file: String) -> NormKey? {
    files[file]?.tree?.norms.firstIndex { $0.name.text == norm }.map {
      NormKey(file: file, place: $0)
    }
  }

  /// Reads `NAME.norm` in the folder, if it is there and was not read before.
  private mutating func read(_ name: String) {
    guard files[name] == nil, !missingFiles.contains(name) else { return }
    if let source = file(name) {
      files[name] = SpecFile(source)
    } else {
      missingFiles.insert(name)
    }
  }
}
