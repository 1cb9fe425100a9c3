import Foundation

/// The C compiler of the machine, and how it is called.
package struct SystemCompiler: Hashable, Sendable {
  /// A name that is looked up in `PATH`, or a path.
  package var command: String
  /// Options for the compiler, before the files.
  package var flags: [String]
  /// After so many seconds a compilation is given up.
  package var timeLimit: Int

  package init(
    command: String = "cc", flags: [String] = ["-std=c11", "-O3", "-march=native"],
    timeLimit: Int = 120
  ) {
    self.command = command
    self.flags = flags
    self.timeLimit = timeLimit
  }

  /// Compiles C files into a shared library and loads it. Nothing stays on disk.
  ///
  /// - Parameter files: the text of each file by name; the `.c` files among them are compiled, in
  ///   order, and may include the others.
  /// - Throws: `.system` if there is no such compiler or it does not end, `.compilation` with what
  ///   it wrote, `.undefinedSymbols` if the library does not load.
  package func compile(_ files: [(name: String, text: String)]) throws(JITError) -> SharedLibrary {
    let compiler = try executable()
    let directory = try TemporaryDirectory()
    for file in files { try directory.write(file.text, to: file.name) }
    let sources = files.map(\.name).filter { $0.hasSuffix(".c") }
    let arguments = flags + ["-fPIC", "-shared", "-o", "kernels.so"] + sources + ["-lm"]
    try run(compiler, arguments, in: directory)
    return try SharedLibrary(path: directory.file("kernels.so"))
  }

  /// The path of the compiler.
  private func executable() throws(JITError) -> String {
    let manager = FileManager.default
    if command.contains("/") {
      guard manager.isExecutableFile(atPath: command) else {
        throw .system("there is no compiler \(command)")
      }
      return command
    }
    let search = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin"
    let candidates = search.split(separator: ":").map { "\($0)/\(command)" }
    guard let found = candidates.first(where: manager.isExecutableFile(atPath:)) else {
      throw .system("there is no compiler '\(command)' in PATH")
    }
    return found
  }

  /// Runs the compiler. It reads nothing and writes to a file: no pipe can fill up.
  ///
  /// `Process` serves: one child, no streams, and no dependency beyond the toolchain's own.
  private func run(
    _ compiler: String, _ arguments: [String], in directory: borrowing TemporaryDirectory
  ) throws(JITError) {
    let messagesPath = directory.file("messages.txt")
    guard FileManager.default.createFile(atPath: messagesPath, contents: nil),
      let messages = FileHandle(forWritingAtPath: messagesPath)
    else {
      throw .system("\(messagesPath) cannot be written: \(systemText(errno))")
    }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: compiler)
    process.arguments = arguments
    process.currentDirectoryURL = URL(fileURLWithPath: directory.path)
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = messages
    process.standardError = messages
    let ended = DispatchSemaphore(value: 0)
    process.terminationHandler = { _ in ended.signal() }
    do { try process.run() } catch {
      throw .system("\(compiler) does not start: \(error.localizedDescription)")
    }
    guard ended.wait(timeout: .now() + .seconds(timeLimit)) == .success else {
      kill(process.processIdentifier, SIGKILL)
      throw .system("\(compiler) was stopped after \(timeLimit) seconds")
    }
    guard process.terminationReason == .exit, process.terminationStatus == 0 else {
      throw .compilation(failureText(process, messagesPath))
    }
  }

  /// What the compiler wrote, or else how it ended.
  private func failureText(_ process: Process, _ messagesPath: String) -> String {
    let written = FileManager.default.contents(atPath: messagesPath) ?? Data()
    let text = String(decoding: written, as: UTF8.self)
    guard text.isEmpty else { return text }
    return "\(command) ended with status \(process.terminationStatus) and said nothing"
  }
}
