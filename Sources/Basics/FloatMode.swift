import Glibc

/// What `body` returns in the standard floating-point mode; the caller's mode and flags are as
/// before then.
///
/// Code and what it computes are then the same whatever the caller's mode is, and the flags that
/// tables raise when they grow are nobody's.
package func inStandardFloatMode<Value, Failure>(
  _ body: () throws(Failure) -> Value
) throws(Failure) -> Value {
  var callers = fenv_t()
  fegetenv(&callers)
  setStandardFloatMode()
  defer { fesetenv(&callers) }
  return try body()
}

/// Sets the standard floating-point mode of the thread.
package func setStandardFloatMode() {
  // FE_DFL_ENV
  fesetenv(UnsafePointer(bitPattern: -1))
}
