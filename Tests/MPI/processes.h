/* What the programs of this folder share: samples that are dealt out to processes, the exchange of
 * partial results, and comparisons. */
#ifndef PROCESSES_H
#define PROCESSES_H

#include <mpi.h>
#include <stddef.h>
#include <stdint.h>

enum { SAMPLES = 7, CHANNELS = 5, PLACES = 3, ROW = CHANNELS * PLACES, STEPS = 3 };

/** One process, and the samples that it has: unequal numbers, and none in one of several. */
typedef struct {
  int rank, ranks;
  int counts[4], first[4];
} processes;

/** What one process has and makes in some training steps. */
typedef struct {
  size_t count;
  float x[SAMPLES * ROW], d_y[SAMPLES * ROW], y[SAMPLES * ROW], d_x[SAMPLES * ROW];
  uint8_t valid[SAMPLES * PLACES];
  float weight[CHANNELS], bias[CHANNELS], d_weight[CHANNELS], d_bias[CHANNELS];
  float states[2][CHANNELS], saved[2][CHANNELS];
  int64_t step;
  /** Memory for partial results and the workspace. */
  double partials[256], merged[256], workspace[4096];
} training;

processes this_process(void);

/** A layer as it begins. */
training beginning(void);

/** Gives a process its samples of a step, `count` from number `first`. */
void take_samples(training *t, int step, int first, int count);

/** The partial results of all processes, one behind the other, in the order of ranks. */
const void *gathered(const processes *p, const void *partials, size_t bytes);

/** Ends the program with a message unless `holds`. */
void require(int holds, const char *what);

/** Requires that `count` numbers differ by roundings only, and takes them into the fingerprint. */
void require_close(const char *what, const float *found, const double *expected, size_t count);

/** The outputs of all processes, one behind the other, in the process of rank 0. */
void collect(const processes *p, const float *own, float *all);

/** The sums over processes of an array of channels, in the process of rank 0. */
void add_up(const processes *p, const float *own, float *sum);

/** Requires that an array of channels has the same bits in all processes. */
void require_same_bits(const processes *p, const char *what, const float *own);

/** Changes with each bit of all results that were compared. */
extern uint64_t fingerprint;

#endif
