/// A format of numbers of 16 bits, in which arrays are stored; nothing is computed in it.
package enum ShortFormat: String, Hashable, CaseIterable, Sendable {
  /// The upper half of a float32: 8 bits of exponent, 7 of fraction.
  case bfloat16 = "bf16"
  /// IEEE 754's binary16: 5 bits of exponent, 10 of fraction.
  case float16 = "f16"
}
