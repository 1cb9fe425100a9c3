import Dispatch
import Synchronization

/// Says on the standard error what a command is doing, once it has taken more than a second.
final class Progress: Sendable {
  private let state = Mutex((step: "", isVisible: false))

  init() {
    DispatchQueue.global().asyncAfter(deadline: .now() + 1) { [weak self] in self?.show() }
  }

  /// Notes that a step begins.
  func begin(_ step: String) {
    let isVisible = state.withLock { state in
      state.step = step
      return state.isVisible
    }
    if isVisible { write(step) }
  }

  private func show() {
    let step = state.withLock { state in
      state.isVisible = true
      return state.step
    }
    if !step.isEmpty { write(step) }
  }

  private func write(_ step: String) { writeMessage("normgen: \(step) ...\n") }
}
