import Foundation
import LoopIR
import NormGen

/// Other libraries, measured by a Python program that runs beside this one: it does nothing but
/// wait while it is not asked.
package final class Peers {
  private let process: Process
  private let requests: FileHandle
  private let answers: FileHandle
  /// What was read and belongs to the next answer.
  private var rest = Data()

  /// What the program is asked.
  private struct Request: Encodable {
    var peer: String
    var sizes: [String: Int]
    var type: String
    var direction: String
    var seconds: Double
  }

  /// What the program answers: nanoseconds of single calls, by name of the peer.
  private struct Answer: Decodable {
    var times: [String: [Double]]?
    var error: String?
  }

  /// - Parameter python: the path of an interpreter that has the libraries.
  /// - Throws: `InputError` if it does not start.
  package init(python: String, script: String) throws(InputError) {
    process = Process()
    let (toChild, fromChild) = (Pipe(), Pipe())
    process.executableURL = URL(filePath: python)
    process.arguments = [script]
    process.standardInput = toChild
    process.standardOutput = fromChild
    requests = toChild.fileHandleForWriting
    answers = fromChild.fileHandleForReading
    do { try process.run() } catch {
      throw InputError("\(python): does not start: \(error.localizedDescription)")
    }
  }

  deinit { try? requests.close() }

  /// Nanoseconds of single calls of each library, by name in order; none for what no library has.
  ///
  /// - Throws: `InputError` if the program ends or answers with an error.
  func measure(
    _ row: TableCase, _ direction: Direction, seconds: Double
  ) throws -> [(name: String, samples: [Double])] {
    guard let peer = row.peer else { return [] }
    let request = Request(
      peer: peer, sizes: row.sizes, type: row.type ?? "f32", direction: direction.rawValue,
      seconds: seconds)
    try requests.write(contentsOf: JSONEncoder().encode(request) + Data("\n".utf8))
    let answer = try JSONDecoder().decode(Answer.self, from: try nextLine())
    if let error = answer.error { throw InputError("\(row.title): peers: \(error)") }
    return (answer.times ?? [:]).sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }

  private func nextLine() throws -> Data {
    while true {
      if let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
        let line = rest[..<end]
        rest = Data(rest[(end + 1)...])
        return Data(line)
      }
      // What there is: a read of a number of bytes would wait for all of them.
      let more = answers.availableData
      guard !more.isEmpty else {
        throw InputError("the program that measures the peers has ended")
      }
      rest += more
    }
  }
}
