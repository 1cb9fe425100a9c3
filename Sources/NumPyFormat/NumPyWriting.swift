extension NumPyArray {
  /// The bytes of a file: version 1.0 of the format, little-endian, as `numpy.save` writes it.
  package func encoded() -> [UInt8] {
    var bytes = headerBytes
    bytes.reserveCapacity(bytes.count + elements.count * elements.type.size)
    switch elements {
    case .float16(let values): append(values.lazy.map(\.bitPattern), to: &bytes)
    case .bfloat16(let bits): append(bits, to: &bytes)
    case .float32(let values): append(values.lazy.map(\.bitPattern), to: &bytes)
    case .float64(let values): append(values.lazy.map(\.bitPattern), to: &bytes)
    case .bool(let values): bytes += values.lazy.map { $0 ? 1 : 0 }
    case .uint8(let values): bytes += values
    case .int32(let values): append(values, to: &bytes)
    case .int64(let values): append(values, to: &bytes)
    }
    return bytes
  }

  /// All that stands before the elements; its length is a multiple of 64, so that the elements
  /// are aligned where a file is mapped into memory.
  private var headerBytes: [UInt8] {
    let order = elements.type.size == 1 ? "|" : "<"
    let dictionary =
      "{'descr': '\(order)\(elements.type.rawValue)', 'fortran_order': False, "
      + "'shape': \(NumPyHeader.text(ofShape: shape)), }"
    let prefix = NumPyHeader.magic.count + 4
    let unpadded = prefix + dictionary.utf8.count + 1
    let total = (unpadded + 63) / 64 * 64
    let length = total - prefix
    return NumPyHeader.magic + [1, 0, UInt8(length & 0xFF), UInt8(length >> 8)]
      + Array(dictionary.utf8) + Array(repeating: 0x20, count: total - unpadded) + [0x0A]
  }
}

private func append<Word: FixedWidthInteger>(
  _ words: some Sequence<Word>, to bytes: inout [UInt8]
) {
  for word in words {
    withUnsafeBytes(of: word.littleEndian) { bytes.append(contentsOf: $0) }
  }
}
