#include "processes.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

uint64_t fingerprint = 14695981039346656037u;

processes this_process(void) {
  static const int deals[4][4] = {{7}, {4, 3}, {5, 0, 2}, {3, 1, 0, 3}};
  processes p;
  MPI_Comm_rank(MPI_COMM_WORLD, &p.rank);
  MPI_Comm_size(MPI_COMM_WORLD, &p.ranks);
  require(p.ranks <= 4, "there are samples for four processes");
  int first = 0;
  for (int rank = 0; rank < p.ranks; rank++) {
    p.counts[rank] = deals[p.ranks - 1][rank];
    p.first[rank] = first;
    first += p.counts[rank];
  }
  return p;
}

/** A number from -1 to 1 that depends on its place alone: splitmix64. */
static double number(uint64_t place) {
  uint64_t bits = (place + 1) * 0x9e3779b97f4a7c15u;
  bits = (bits ^ bits >> 30) * 0xbf58476d1ce4e5b9u;
  bits = (bits ^ bits >> 27) * 0x94d049bb133111ebu;
  return (double)(bits >> 11) * 0x1p-52 - 1;
}

training beginning(void) {
  training t;
  memset(&t, 0, sizeof t);
  for (int c = 0; c < CHANNELS; c++) {
    t.weight[c] = (float)(1 + number(1000 + (uint64_t)c) / 2);
    t.bias[c] = (float)number(2000 + (uint64_t)c);
    t.states[1][c] = 1;
  }
  return t;
}

void take_samples(training *t, int step, int first, int count) {
  t->count = (size_t)count;
  for (int i = 0; i < count * ROW; i++) {
    const uint64_t place = (uint64_t)(step * 100000 + first * ROW + i);
    t->x[i] = (float)(2 * number(place) + 0.5);
    t->d_y[i] = (float)number(place + 10000);
  }
  for (int i = 0; i < count * PLACES; i++) {
    t->valid[i] = number((uint64_t)(step * 100000 + 20000 + first * PLACES + i)) < 0.4;
  }
}

const void *gathered(const processes *p, const void *partials, size_t bytes) {
  static unsigned char *all;
  all = realloc(all, (size_t)p->ranks * bytes);
  require(all != NULL, "there is memory");
  MPI_Allgather(
      partials, (int)bytes, MPI_BYTE, all, (int)bytes, MPI_BYTE, MPI_COMM_WORLD);
  return all;
}

void require(int holds, const char *what) {
  if (holds) return;
  fprintf(stderr, "this does not hold: %s\n", what);
  MPI_Abort(MPI_COMM_WORLD, 1);
}

void require_close(const char *what, const float *found, const double *expected, size_t count) {
  double scale = 1, error = 0;
  for (size_t i = 0; i < count; i++) {
    scale = fmax(scale, fabs(expected[i]));
    /* Written so that a NaN counts. */
    const double apart = fabs(found[i] - expected[i]);
    if (!(apart <= error)) error = apart;
    uint32_t bits;
    memcpy(&bits, &found[i], sizeof bits);
    fingerprint = (fingerprint ^ bits) * 1099511628211u;
  }
  /* Roundings as the tests of kernels allow them, for sums of all places of a channel. */
  const double bound = 4 * FLT_EPSILON * sqrt(SAMPLES * PLACES) * scale;
  char text[200];
  snprintf(text, sizeof text, "%s is off by %g of %g", what, error, bound);
  require(error <= bound, text);
}

void collect(const processes *p, const float *own, float *all) {
  int counts[4], places[4];
  for (int rank = 0; rank < p->ranks; rank++) {
    counts[rank] = p->counts[rank] * ROW;
    places[rank] = p->first[rank] * ROW;
  }
  MPI_Gatherv(
      own, counts[p->rank], MPI_FLOAT, all, counts, places, MPI_FLOAT, 0, MPI_COMM_WORLD);
}

void add_up(const processes *p, const float *own, float *sum) {
  float all[4][CHANNELS];
  MPI_Gather(own, CHANNELS, MPI_FLOAT, all, CHANNELS, MPI_FLOAT, 0, MPI_COMM_WORLD);
  for (int c = 0; c < CHANNELS; c++) {
    double total = 0;
    for (int rank = 0; rank < p->ranks; rank++) total += p->rank == 0 ? all[rank][c] : 0;
    sum[c] = (float)total;
  }
}

void require_same_bits(const processes *p, const char *what, const float *own) {
  float all[4][CHANNELS];
  MPI_Allgather(own, CHANNELS, MPI_FLOAT, all, CHANNELS, MPI_FLOAT, MPI_COMM_WORLD);
  for (int rank = 0; rank < p->ranks; rank++) {
    require(memcmp(all[rank], own, sizeof all[rank]) == 0, what);
  }
}
