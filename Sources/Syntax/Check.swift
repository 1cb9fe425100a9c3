import Basics

/// Reads and checks the norms of `source`; all that is wrong goes into `diagnostics`.
///
/// - Parameter file: returns the text of `NAME.norm` in the folder of `source`, where norms that
///   it calls are looked for; `nil` where there is none.
/// - Returns: the norms in the order of the file; none if anything in it is an error.
package func check(
  _ source: SourceFile, into diagnostics: inout DiagnosticSet,
  file: (_ name: String) -> SourceFile? = { _ in nil }
) -> [CheckedNorm] {
  withoutActuallyEscaping(file) { file in
    var library = NormLibrary(of: source, file: file)
    let norms = library.checkedNorms()
    library.report(into: &diagnostics)
    return norms
  }
}
