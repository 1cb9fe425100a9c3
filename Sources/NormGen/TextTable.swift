import Foundation

/// A table whose columns are as wide as their widest entry.
package struct TextTable {
  private var rows: [[String]]

  package init(columns: [String]) { rows = [columns] }

  /// - Precondition: there is one entry for each column.
  package mutating func append(_ row: [String]) {
    precondition(row.count == rows[0].count)
    rows.append(row)
  }

  /// The lines of the table, each with its end.
  package var text: String {
    let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
      let cells = zip(row, widths).map { cell, width in
        cell + String(repeating: " ", count: width - cell.count)
      }
      let line = cells.joined(separator: "  ")
      return line.trimmingCharacters(in: .whitespaces) + "\n"
    }.joined()
  }
}

/// A number with two digits: `1.2e-07`.
func scientific(_ number: Double) -> String { String(format: "%.1e", number) }
