import Synchronization

/// A table of functions whose code is made when they are first called.
///
/// At first, each entry of the table is the address of a stub, which asks for the function and
/// goes on there; from then on it is the function itself. Any number of threads may call entries
/// at once. Keep the table alive for as long as they do.
package final class DeferredFunctions: @unchecked Sendable {
  /// How a function came into being.
  package enum Made: Sendable {
    /// Its code, which may stand anywhere.
    case code([UInt8])
    /// A function of an image, by its address.
    case function(UInt, in: CodeImage)
  }

  /// Code of a stub for each function.
  package struct Stubs: Sendable {
    let code: [UInt8]
    let starts: [Int]
    let nothing: Int

    /// - Parameters:
    ///   - starts: where the stub of each function begins.
    ///   - nothing: where a function begins that does nothing.
    package init(code: [UInt8], starts: [Int], nothing: Int) {
      (self.code, self.starts, self.nothing) = (code, starts, nothing)
    }
  }

  /// What only one thread changes at a time; it keeps the code of all functions that were made.
  private struct State {
    var images: [CodeImage] = []
    var addresses: [UInt?]
    var failure: JITError?
  }

  private let make: @Sendable (Int) throws(JITError) -> Made
  private let entries: UnsafeMutablePointer<Atomic<UInt>>
  private let count: Int
  private let state: Mutex<State>
  private let hasFailed = Atomic(false)
  private var stubs: CodeImage?
  private var nothing: UInt = 0

  /// - Parameters:
  ///   - stubs: the code of so many stubs, which call
  ///     `void *resolver(void *context, size_t index)`.
  ///   - make: makes the function of an index. It is called once for each, by one thread at a
  ///     time, on the stack of the thread that calls the function.
  /// - Throws: `.system` where there is no memory for code.
  package init(
    count: Int, stubs: (_ resolver: UInt64, _ context: UInt64) -> Stubs,
    make: @escaping @Sendable (Int) throws(JITError) -> Made
  ) throws(JITError) {
    self.make = make
    self.count = count
    entries = .allocate(capacity: max(count, 1))
    for index in 0..<count { (entries + index).initialize(to: Atomic(0)) }
    state = Mutex(State(addresses: Array(repeating: nil, count: count)))
    let context = UInt64(UInt(bitPattern: Unmanaged.passUnretained(self).toOpaque()))
    let made = stubs(UInt64(unsafeBitCast(resolver, to: UInt.self)), context)
    let image = try CodeImage(holding: made.code)
    self.stubs = image
    nothing = image.start + UInt(made.nothing)
    for (index, start) in made.starts.enumerated() {
      entries[index].store(image.start + UInt(start), ordering: .releasing)
    }
  }

  deinit {
    entries.deinitialize(count: count)
    entries.deallocate()
  }

  /// The address of the table: in C, an array of pointers to functions.
  package var table: UInt { UInt(bitPattern: entries) }

  /// Why a function that was called did nothing, if one did.
  package var failure: JITError? {
    hasFailed.load(ordering: .acquiring) ? state.withLock { $0.failure } : nil
  }

  /// The address of a function, which is made if it has not been.
  fileprivate func address(of index: Int) -> UInt {
    state.withLock { state in
      if let address = state.addresses[index] { return address }
      let address: UInt
      do throws(JITError) {
        address = try made(index, &state)
      } catch {
        state.failure = error
        hasFailed.store(true, ordering: .releasing)
        address = nothing
      }
      state.addresses[index] = address
      entries[index].store(address, ordering: .releasing)
      return address
    }
  }

  private func made(_ index: Int, _ state: inout State) throws(JITError) -> UInt {
    switch try make(index) {
    case .code(let code):
      let image = try CodeImage(holding: code)
      state.images.append(image)
      return image.start
    case .function(let address, let image):
      state.images.append(image)
      return address
    }
  }
}

private typealias Resolver = @convention(c) (UnsafeMutableRawPointer, Int) -> UInt

/// What stubs call.
private let resolver: Resolver = { context, index in
  Unmanaged<DeferredFunctions>.fromOpaque(context).takeUnretainedValue().address(of: index)
}
