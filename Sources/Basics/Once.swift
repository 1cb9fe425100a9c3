/// A value that is made once, by the thread that first asks for it; others wait for it.
package final class Once<Value: Sendable>: @unchecked Sendable {
  private let claim = Claim()
  private let make: @Sendable () -> Value
  /// Written by the thread with the claim, and read when that is settled.
  private var made: Value?

  package init(_ make: @escaping @Sendable () -> Value) { self.make = make }

  /// The value, made if it has not been.
  package var value: Value {
    if !claim.isSettled && claim.takeOrWait() { settle() }
    return made ?? make()
  }

  /// The value if it has been made.
  package var ifMade: Value? { claim.isSettled ? made : nil }

  /// Makes the value, unless some thread has begun to.
  package func begin() {
    if claim.take() { settle() }
  }

  private func settle() {
    made = make()
    claim.settle()
  }
}
