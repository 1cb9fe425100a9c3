/* When it pays to wake threads that sleep.
 *
 * To wake one costs the caller about 2 microseconds, and it may take from 1 to 50 more until the
 * thread runs: as much as many a kernel. Threads that are still awake from the last run join the
 * next for next to nothing. Sleepers are called only when the work that they could have had, in
 * this run and in those before it that their caller did alone, is worth it; and where that made a
 * run no shorter, and the next run does not find them awake, it has to be more the next time. */

#ifndef PATIENCE_H
#define PATIENCE_H

#include "Claims.h"

#include <time.h>

/** Nanoseconds of work, alone, for which threads are woken. */
enum { LEAST_PATIENCE = 20000, MOST_PATIENCE = 1000000 };

/** The number of kernels whose duration is remembered. */
enum { MEMORIES = 32 };

/** How long a chunk of a run took. */
struct memory {
  piece_function piece;
  size_t pieces;
  uint64_t nanoseconds;
};

/** What the callers of a pool have learned. Only the one that has the pool touches it. */
struct patience {
  /** Nanoseconds that callers have worked alone since threads were last woken, or more. */
  uint64_t alone;
  /** How many of them wake the threads. */
  uint64_t limit;
  struct memory memories[MEMORIES];
};

/** The nanoseconds of a clock that only goes forward. */
static inline uint64_t nanoseconds_now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

/** Where the duration of a run's chunks is remembered; another run may be there. */
static inline struct memory *memory_of(struct patience *patience, piece_function piece,
                                       size_t pieces) {
  const uintptr_t hash = (uintptr_t)piece / 16 * 31 + pieces;
  return &patience->memories[(hash ^ hash >> 7) % MEMORIES];
}

/** The nanoseconds of a chunk of this run as it went before; without experience, many: a first
 *  chunk that takes long must not be waited for. */
static inline uint64_t remembered(const struct memory *memory, piece_function piece,
                                  size_t pieces) {
  const bool isKnown = memory->piece == piece && memory->pieces == pieces;
  return isKnown ? memory->nanoseconds : MOST_PATIENCE;
}

/** `true` iff threads are to be woken when this much work lies ahead. */
static inline bool is_exhausted(const struct patience *patience, uint64_t ahead) {
  return patience->alone + ahead >= patience->limit;
}

/** Learns from a run that began while threads slept, and was expected to take so long alone. */
static inline void learn(struct patience *patience, bool woken, uint64_t duration,
                         uint64_t expected) {
  patience->alone = woken ? 0 : patience->alone + duration;
  if (!woken) return;
  if (duration < expected) {
    patience->limit = LEAST_PATIENCE;
  } else if (patience->limit < MOST_PATIENCE) {
    patience->limit *= 2;
  }
}

#endif
