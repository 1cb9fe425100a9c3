/// Stops the program: `message` names the pass and the invariant that does not hold.
package func unreachable(_ message: String) -> Never {
  preconditionFailure("internal error in " + message)
}
