import ArgumentParser
import Basics
import Glibc
import NormGen

/// The exit codes of the tool.
enum Exit: Int32 {
  /// What the user gave is wrong; messages say why.
  case wrongInput = 1
  case wrongUsage = 2
  /// `EX_SOFTWARE`: a bug of ours.
  case bug = 70
}

/// Says what `error` means to the user and ends the process.
func finish(with error: any Error) -> Never {
  switch error {
  case let error as InputError:
    writeMessage("error: \(error)\n")
    exit(Exit.wrongInput.rawValue)
  case let error as DiagnosticSet:
    writeMessage(error.description)
    exit(Exit.wrongInput.rawValue)
  case let code as ExitCode:
    exit(code.rawValue)
  default:
    finish(withOther: error)
  }
}

/// The parser's own errors, which include the wish for help; all others are unexpected.
private func finish(withOther error: any Error) -> Never {
  let code = NormgenCommand.exitCode(for: error)
  let message = NormgenCommand.fullMessage(for: error)
  switch code {
  case .success:
    print(message)
    exit(0)
  case .validationFailure:
    writeMessage(message + "\n")
    exit(Exit.wrongUsage.rawValue)
  default:
    writeMessage("error: a bug of normgen: \(error)\n")
    exit(Exit.bug.rawValue)
  }
}

/// Writes to the standard error.
func writeMessage(_ text: String) {
  // There is nobody left to tell if this fails.
  try? writeBytes(Array(text.utf8), to: STDERR_FILENO, name: "standard error")
}

/// Writes data to the standard output.
func writeOutput(_ text: String) throws {
  try writeBytes(Array(text.utf8), to: STDOUT_FILENO, name: "standard output")
}

/// Makes a failed precondition end the process with the code of a bug.
func reportTrapsAsBugs() {
  for number in [SIGILL, SIGTRAP, SIGABRT] {
    signal(number) { _ in
      let message: StaticString = "error: a bug of normgen: an invariant does not hold\n"
      _ = write(STDERR_FILENO, message.utf8Start, message.utf8CodeUnitCount)
      _exit(Exit.bug.rawValue)
    }
  }
}
