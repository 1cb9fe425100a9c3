/* What a run consists of, and how threads divide it among themselves. */

#ifndef CLAIMS_H
#define CLAIMS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** What runs piece i of a task. */
typedef void (*piece_function)(void *task, size_t i);

/** Bytes between variables that different threads write: two lines, which processors fetch
 *  together. */
enum { APART = 128 };

/** The chunks of a run for each thread: enough for an even end, few enough to cost nothing. */
enum { CHUNKS_PER_THREAD = 32 };

/** Consecutive chunks that nobody has claimed: generation << 32 | first << 16 | end.
 *
 *  All of it is one word, so that one compare-and-swap claims a chunk and proves at the same time
 *  that the run which the chunk belongs to is still under way. An old word cannot return: the
 *  generation counts the runs. (A thread would have to pause for 2^32 runs between its load and
 *  its swap.) */
typedef struct chunk_range {
  _Alignas(APART) _Atomic(uint64_t) word;
} chunk_range;

/** The run under way. A thread may read it while the next run is written; its claim fails then. */
struct job {
  _Atomic(piece_function) piece;
  _Atomic(void *) task;
  _Atomic(size_t) pieces;
  /** The pieces of a chunk; the last chunk may have fewer. */
  _Atomic(size_t) share;
};

/** Pieces that a thread has taken on. */
struct claim {
  piece_function piece;
  void *task;
  size_t first, end;
};

/** Which end of a range a claim comes from. The thread that a range was made for goes upwards, as
 *  in the run before, so that it finds its memory in its own cache; others take from the end. */
typedef enum range_end { RANGE_FIRST, RANGE_LAST } range_end;

static inline uint64_t packed_range(uint32_t generation, size_t first, size_t end) {
  return (uint64_t)generation << 32 | (uint64_t)first << 16 | (uint64_t)end;
}

/** Claims one chunk; `false` if none is left.
 *
 *  The swap succeeds only on the word that was loaded before the job was read. From that load on,
 *  then, the chunk was unclaimed, its run could not end, and no other run could be written: what
 *  was read belongs to the chunk. */
static inline bool claim_chunk(chunk_range *range, struct job *job, range_end from,
                               struct claim *claim) {
  uint64_t word = atomic_load_explicit(&range->word, memory_order_acquire);
  for (;;) {
    const uint32_t generation = (uint32_t)(word >> 32);
    const size_t first = word >> 16 & 0xffff, end = word & 0xffff;
    if (first == end) return false;
    claim->piece = atomic_load_explicit(&job->piece, memory_order_relaxed);
    claim->task = atomic_load_explicit(&job->task, memory_order_relaxed);
    const size_t pieces = atomic_load_explicit(&job->pieces, memory_order_relaxed);
    const size_t share = atomic_load_explicit(&job->share, memory_order_relaxed);
    const size_t chunk = from == RANGE_FIRST ? first : end - 1;
    const uint64_t rest = from == RANGE_FIRST ? packed_range(generation, first + 1, end)
                                              : packed_range(generation, first, end - 1);
    if (atomic_compare_exchange_weak_explicit(&range->word, &word, rest, memory_order_acq_rel,
                                              memory_order_acquire)) {
      claim->first = chunk * share;
      claim->end = pieces - claim->first < share ? pieces : claim->first + share;
      return true;
    }
  }
}

static inline void run_claim(const struct claim *claim) {
  for (size_t i = claim->first; i < claim->end; i++) claim->piece(claim->task, i);
}

#endif
