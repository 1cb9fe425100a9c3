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

/** The least and the most nanoseconds of work, alone, for which threads are woken. */
enum { LEAST_PATIENCE = 20000, MOST_PATIENCE = 1000000 };

/** The number of kernels of which something is remembered. */
enum { MEMORIES = 32 };

/** What is known of the runs of one kernel on data of one size, as far as that shows. */
struct memory {
  piece_function piece;
  size_t pieces;
  /** How long a chunk took the last time; many before that: a first chunk that takes long must not
   *  be waited for. */
  uint64_t chunk;
  /** The nanoseconds of work, alone, for which threads are woken. */
  uint64_t limit;
};

/** What the callers of a pool have learned. Only the one that has the pool touches it. */
struct patience {
  /** Nanoseconds that callers have worked alone since threads were last woken, or more. */
  uint64_t alone;
  struct memory memories[MEMORIES];
};

/** The nanoseconds of a clock that only goes forward. */
static inline uint64_t nanoseconds_now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

/** What is known of a run; another one is forgotten if it has the same place. */
static inline struct memory *memory_of(struct patience *patience, piece_function piece,
                                       size_t pieces) {
  const uintptr_t hash = (uintptr_t)piece / 16 * 31 + pieces;
  struct memory *const memory = &patience->memories[(hash ^ hash >> 7) % MEMORIES];
  if (memory->piece != piece || memory->pieces != pieces) {
    *memory = (struct memory){piece, pieces, MOST_PATIENCE, LEAST_PATIENCE};
  }
  return memory;
}

/** Learns from a run that found all threads awake: runs follow each other closely. */
static inline void learn_of_company(struct memory *memory) { memory->limit = LEAST_PATIENCE; }

/** Learns from a run for which threads were woken, and that was expected to take so long alone. */
static inline void learn_of_waking(struct memory *memory, uint64_t duration, uint64_t expected) {
  // A smaller gain is lost again: the results lie in the cache of another processor.
  if (duration < expected - expected / 8) {
    memory->limit = LEAST_PATIENCE;
  } else if (memory->limit < MOST_PATIENCE) {
    memory->limit *= 2;
  }
}

#endif
