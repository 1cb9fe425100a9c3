import Glibc

/// Memory for code, which is never writable and executable once it is handed out.
struct CodeMapping: ~Copyable {
  let start: UnsafeMutableRawPointer
  let byteCount: Int

  /// Maps at least so many bytes, readable and writable.
  init(atLeast byteCount: Int) throws(JITError) {
    let page = Int(sysconf(Int32(_SC_PAGESIZE)))
    let rounded = (byteCount + page - 1) / page * page
    let mapped = mmap(
      nil, rounded, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    guard let mapped, mapped != MAP_FAILED else {
      throw .system("no memory for code: \(systemText(errno))")
    }
    start = mapped
    self.byteCount = rounded
  }

  /// Makes the memory writable and executable.
  ///
  /// TinyCC itself does so while it relocates, and ends the process where the system forbids it. So
  /// it is tried first, and thrown.
  func open() throws(JITError) {
    guard mprotect(start, byteCount, PROT_READ | PROT_WRITE | PROT_EXEC) == 0 else {
      throw .system("memory may not be made executable here: \(systemText(errno))")
    }
  }

  /// Makes the memory readable and executable; code and constants can no longer be changed.
  func seal() throws(JITError) {
    guard mprotect(start, byteCount, PROT_READ | PROT_EXEC) == 0 else {
      throw .system("code cannot be protected: \(systemText(errno))")
    }
  }

  deinit { munmap(start, byteCount) }
}
