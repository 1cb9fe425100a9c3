/* The processors that threads run on, as far as the system tells. */

#ifndef PROCESSORS_H
#define PROCESSORS_H

#include <stddef.h>
#include <unistd.h>
#if defined(__linux__)
#include <sched.h>
#endif

/** The processors that this thread may run on, at least 1. */
static inline size_t processors(void) {
#if defined(__linux__)
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) == 0 && CPU_COUNT(&set) > 0) {
    return (size_t)CPU_COUNT(&set);
  }
#endif
  const long online = sysconf(_SC_NPROCESSORS_ONLN);
  return online > 0 ? (size_t)online : 1;
}

/** The number of the processor that this thread runs on, or -1. */
static inline int this_processor(void) {
#if defined(__linux__)
  return sched_getcpu();
#else
  return -1;
#endif
}

/** Has this thread go on elsewhere if it runs on `processor` and may run on another, too. Where it
 *  may run stays what it was. */
static inline void leave_processor(int processor) {
#if defined(__linux__)
  if (processor < 0 || processor >= CPU_SETSIZE || processor != this_processor()) return;
  cpu_set_t all;
  if (sched_getaffinity(0, sizeof all, &all) != 0 || CPU_COUNT(&all) < 2) return;
  cpu_set_t others = all;
  CPU_CLR((size_t)processor, &others);
  if (sched_setaffinity(0, sizeof others, &others) == 0) sched_setaffinity(0, sizeof all, &all);
#else
  (void)processor;
#endif
}

#endif
