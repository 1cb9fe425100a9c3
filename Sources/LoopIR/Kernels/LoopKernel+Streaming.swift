extension LoopKernel {
  /// The results of a sweep that may bypass the caches: each of their elements is written once, and
  /// nothing here reads it again.
  package func streamed(by step: StoreStep, in region: Region) -> [BufferID] {
    let loops = region.kept + step.sweep.segments + step.sweep.run
    return step.stores.map(\.buffer).filter { id in
      let buffer = buffers[id.index]
      return buffer.role == .output && Set(buffer.axes) == Set(loops)
        && !step.sweep.run.isEmpty && buffer.access(along: step.sweep.run) == .contiguous
    }
  }

  /// The results of all sweeps of a region that may bypass the caches.
  package func streamed(by region: Region) -> [BufferID] {
    region.steps.flatMap { step in
      if case .store(let step) = step { streamed(by: step, in: region) } else { [BufferID]() }
    }
  }
}
