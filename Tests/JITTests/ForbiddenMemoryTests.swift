import Foundation
import JIT
import TestSupport
import Testing

/// A machine that forbids writable memory to become executable (SELinux's `execmem`, systemd's
/// `MemoryDenyWriteExecute`). Left to itself, TinyCC ends the process there.
@Suite struct ForbiddenMemoryTests {
  private static let marker = "normgen: refused as it should be"

  /// Runs `childIsRefused` in a process of its own, since the prohibition cannot be lifted.
  @Test(.disabled(if: isForbidden)) func refusalIsThrown() throws {
    let directory = FileManager.default.temporaryDirectory.path + "/normgen-test-\(UUID())"
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: false)
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let launcher = directory + "/launcher"
    try launcherSource.write(toFile: launcher + ".c", atomically: false, encoding: .utf8)
    #expect(try run("/usr/bin/env", ["cc", launcher + ".c", "-o", launcher]).status == 0)

    let result = try run(launcher, try commandOfTest("childIsRefused"))
    guard result.status != kernelIsTooOld else { return }
    #expect(result.output.contains(Self.marker), "\(result.output)")
    #expect(result.status == 0)
  }

  @Test(.enabled(if: isForbidden)) func childIsRefused() {
    let error = #expect(throws: JITError.self) {
      try compile("int f(int x) { return x; }", exports: ["f"])
    }
    guard case .system(let reason) = error, reason.contains("executable") else { return }
    print(Self.marker)
  }
}

/// `true` iff this process is the one in which the memory is forbidden.
private let isForbidden = ProcessInfo.processInfo.environment[forbiddenVariable] != nil
private let forbiddenVariable = "NORMGEN_TEST_FORBIDDEN_MEMORY"

/// What the launcher returns where Linux (before 6.3) has no such prohibition.
private let kernelIsTooOld: Int32 = 77

/// Forbids, then becomes the program that it is given: the prohibition is inherited.
private let launcherSource = """
  #include <stdlib.h>
  #include <sys/prctl.h>
  #include <unistd.h>
  int main(int count, char **arguments) {
    (void)count;
    if (prctl(65 /* PR_SET_MDWE */, 1 /* PR_MDWE_REFUSE_EXEC_GAIN */, 0, 0, 0) != 0) return 77;
    setenv("\(forbiddenVariable)", "1", 1);
    execv(arguments[1], arguments + 1);
    return 78;
  }

  """
