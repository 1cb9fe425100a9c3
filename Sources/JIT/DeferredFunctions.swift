import Basics
import Synchronization

/// A table of functions whose code is made when they are first called.
///
/// At first, each entry of the table is the address of a stub, which asks for the function and
/// goes on there; from then on it is the function itself. Any number of threads may call entries
/// at once. Keep the table alive for as long as they do.
///
/// A helper makes functions ahead of the calls that are likely to come, where a processor is free.
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
    var failure: JITError?
  }

  private let helper: Helper
  private let make: @Sendable (Int) throws(JITError) -> Made
  private let likely: @Sendable (Int) -> [Int]
  private let entries: UnsafeMutablePointer<Atomic<UInt>>
  /// By function, who makes it.
  private let claims: UnsafeMutablePointer<Claim>
  private let count: Int
  private let state = Mutex(State())
  private let hasFailed = Atomic(false)
  private var stubs: CodeImage?
  private var nothing: UInt = 0

  /// - Parameters:
  ///   - stubs: the code of so many stubs, which call
  ///     `void *resolver(void *context, size_t index)`.
  ///   - likely: the functions that are likely to be called soon after the first call of one.
  ///   - make: makes the function of an index. It is called once for each, by the thread that calls
  ///     the function or by a helper.
  /// - Throws: `.system` where there is no memory for code.
  package init(
    count: Int, helper: Helper = Helper(),
    stubs: (_ resolver: UInt64, _ context: UInt64) -> Stubs,
    likely: @escaping @Sendable (Int) -> [Int] = { _ in [] },
    make: @escaping @Sendable (Int) throws(JITError) -> Made
  ) throws(JITError) {
    self.make = make
    self.likely = likely
    self.helper = helper
    self.count = count
    entries = .allocate(capacity: max(count, 1))
    claims = .allocate(capacity: max(count, 1))
    for index in 0..<count {
      (entries + index).initialize(to: Atomic(0))
      (claims + index).initialize(to: Claim())
    }
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
    claims.deinitialize(count: count)
    claims.deallocate()
  }

  /// The address of the table: in C, an array of pointers to functions.
  package var table: UInt { UInt(bitPattern: entries) }

  /// Why a function that was called did nothing, if one did.
  package var failure: JITError? {
    hasFailed.load(ordering: .acquiring) ? state.withLock { $0.failure } : nil
  }

  /// The address of a function that is called, which is made if it has not been.
  fileprivate func address(of index: Int) -> UInt {
    if !claims[index].isSettled {
      prepareCalls(after: index)
      if claims[index].takeOrWait() {
        do throws(JITError) {
          settle(index, at: try made(index))
        } catch {
          state.withLock { $0.failure = error }
          hasFailed.store(true, ordering: .releasing)
          settle(index, at: nothing)
        }
      }
    }
    return entries[index].load(ordering: .acquiring)
  }

  /// Lets a helper make what is likely to be called after a function.
  private func prepareCalls(after index: Int) {
    guard helper.isAtWork || Helper.mayWork else { return }
    let next = likely(index).filter { !claims[$0].isSettled }
    helper.begin(next.map { index in { [self] in begin(index) } })
    // Better than to wait for the helper.
    if claims[index].isInWork { next.forEach(begin) }
  }

  /// Makes a function unless a thread has begun to.
  package func begin(_ index: Int) {
    guard claims[index].take() else { return }
    do throws(JITError) {
      settle(index, at: try made(index))
    } catch {
      // Who calls it is told.
      claims[index].release()
    }
  }

  private func settle(_ index: Int, at address: UInt) {
    entries[index].store(address, ordering: .releasing)
    claims[index].settle()
  }

  private func made(_ index: Int) throws(JITError) -> UInt {
    let (address, image): (UInt, CodeImage)
    switch try make(index) {
    case .code(let code):
      image = try CodeImage(holding: code)
      address = image.start
    case .function(let function, let whole): (address, image) = (function, whole)
    }
    state.withLock { $0.images.append(image) }
    return address
  }
}

private typealias Resolver = @convention(c) (UnsafeMutableRawPointer, Int) -> UInt

/// What stubs call.
private let resolver: Resolver = { context, index in
  Unmanaged<DeferredFunctions>.fromOpaque(context).takeUnretainedValue().address(of: index)
}
