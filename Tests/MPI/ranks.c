/* Trains norms over processes with MPI, each on samples of its own, and compares with a process
 * that holds all samples, or with a formula. Run as `mpirun -n 1` to `-n 4`; prints a fingerprint
 * of all results, which is the same in each run.
 *
 * It is built with the C that normgen makes of the norms below. */
#include "processes.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "masked_sync_batch_norm.h"
#include "sync_batch_norm.h"
#include "sync_power_norm.h"
#include "sync_power_norm_mean_of_means.h"

static const double EPS = 1e-5, MOMENTUM = 0.1, ALPHA = 0.9, WARMUP = 2;

/** Goes on if a call has succeeded: OK is 0 for every norm. */
#define DO(call) require((call) == 0, #call)

/* A function of several processes: a step, the exchange, the next step. */

static void batch_norm_together(const processes *p, training *t) {
  const size_t N = t->count, C = CHANNELS, S = PLACES;
  const size_t bytes = sync_batch_norm_forward_1_bytes(N, C, S);
  DO(sync_batch_norm_forward_1(N, C, S, t->x, t->partials, t->workspace, NULL));
  const void *all = gathered(p, t->partials, bytes);
  DO(sync_batch_norm_forward_1_merge((size_t)p->ranks, all, t->merged));
  DO(sync_batch_norm_forward_2(
      N, C, S, t->x, t->weight, t->bias, t->states[0], t->states[0], t->states[1], t->states[1],
      EPS, MOMENTUM, t->merged, t->y, t->saved[0], t->saved[1], t->workspace, NULL));

  const size_t more = sync_batch_norm_backward_1_bytes(N, C, S);
  DO(sync_batch_norm_backward_1(
      N, C, S, t->d_y, t->x, t->saved[0], t->saved[1], t->d_weight, t->d_bias, t->partials,
      t->workspace, NULL));
  all = gathered(p, t->partials, more);
  DO(sync_batch_norm_backward_1_merge((size_t)p->ranks, all, t->merged));
  DO(sync_batch_norm_backward_2(
      N, C, S, t->d_y, t->x, t->weight, t->saved[0], t->saved[1], t->merged, t->d_x, t->workspace,
      NULL));
}

static void batch_norm_alone(training *t) {
  const size_t N = t->count, C = CHANNELS, S = PLACES;
  DO(sync_batch_norm_forward(
      N, C, S, t->x, t->weight, t->bias, t->states[0], t->states[0], t->states[1], t->states[1],
      EPS, MOMENTUM, t->y, t->saved[0], t->saved[1], t->workspace, NULL));
  DO(sync_batch_norm_backward(
      N, C, S, t->d_y, t->x, t->weight, t->saved[0], t->saved[1], t->d_x, t->d_weight, t->d_bias,
      t->workspace, NULL));
}

static void masked_together(const processes *p, training *t) {
  const size_t N = t->count, C = CHANNELS, S = PLACES;
  const size_t bytes = masked_sync_batch_norm_forward_1_bytes(N, C, S);
  DO(masked_sync_batch_norm_forward_1(
      N, C, S, t->x, t->valid, t->partials, t->workspace, NULL));
  const void *all = gathered(p, t->partials, bytes);
  DO(masked_sync_batch_norm_forward_1_merge((size_t)p->ranks, all, t->merged));
  DO(masked_sync_batch_norm_forward_2(
      N, C, S, t->x, t->weight, t->bias, t->states[0], t->states[0], t->states[1], t->states[1],
      EPS, MOMENTUM, t->merged, t->y, t->saved[0], t->saved[1], t->workspace, NULL));

  const size_t more = masked_sync_batch_norm_backward_1_bytes(N, C, S);
  DO(masked_sync_batch_norm_backward_1(
      N, C, S, t->d_y, t->x, t->valid, t->saved[0], t->saved[1], t->d_weight, t->d_bias,
      t->partials, t->workspace, NULL));
  all = gathered(p, t->partials, more);
  DO(masked_sync_batch_norm_backward_1_merge((size_t)p->ranks, all, t->merged));
  DO(masked_sync_batch_norm_backward_2(
      N, C, S, t->d_y, t->x, t->valid, t->weight, t->saved[0], t->saved[1], t->merged, t->d_x,
      t->workspace, NULL));
}

static void masked_alone(training *t) {
  const size_t N = t->count, C = CHANNELS, S = PLACES;
  DO(masked_sync_batch_norm_forward(
      N, C, S, t->x, t->valid, t->weight, t->bias, t->states[0], t->states[0], t->states[1],
      t->states[1], EPS, MOMENTUM, t->y, t->saved[0], t->saved[1], t->workspace, NULL));
  DO(masked_sync_batch_norm_backward(
      N, C, S, t->d_y, t->x, t->valid, t->weight, t->saved[0], t->saved[1], t->d_x, t->d_weight,
      t->d_bias, t->workspace, NULL));
}

static void power_norm_together(const processes *p, training *t) {
  const size_t N = t->count, T = PLACES, C = CHANNELS;
  float *const nu = t->states[0], *const phi = t->states[1];
  const size_t bytes = sync_power_norm_forward_1_bytes(N, T, C);
  DO(sync_power_norm_forward_1(N, T, C, t->x, t->partials, t->workspace, NULL));
  const void *all = gathered(p, t->partials, bytes);
  DO(sync_power_norm_forward_1_merge((size_t)p->ranks, all, t->merged));
  DO(sync_power_norm_forward_2(
      N, T, C, t->x, t->weight, t->bias, phi, phi, t->step, &t->step, EPS, ALPHA, WARMUP,
      t->merged, t->y, t->saved[0], t->saved[1], t->workspace, NULL));

  const size_t more = sync_power_norm_backward_1_bytes(N, T, C);
  DO(sync_power_norm_backward_1(
      N, T, C, t->d_y, t->x, t->weight, nu, ALPHA, t->saved[0], t->saved[1], t->d_x, t->d_weight,
      t->d_bias, t->partials, t->workspace, NULL));
  all = gathered(p, t->partials, more);
  DO(sync_power_norm_backward_1_merge((size_t)p->ranks, all, t->merged));
  DO(sync_power_norm_backward_2(N, T, C, nu, nu, t->merged, t->workspace, NULL));
}

static void power_norm_alone(training *t) {
  const size_t N = t->count, T = PLACES, C = CHANNELS;
  float *const nu = t->states[0], *const phi = t->states[1];
  DO(sync_power_norm_forward(
      N, T, C, t->x, t->weight, t->bias, phi, phi, t->step, &t->step, EPS, ALPHA, WARMUP, t->y,
      t->saved[0], t->saved[1], t->workspace, NULL));
  DO(sync_power_norm_backward(
      N, T, C, t->d_y, t->x, t->weight, nu, nu, ALPHA, t->saved[0], t->saved[1], t->d_x,
      t->d_weight, t->d_bias, t->workspace, NULL));
}

static void mean_of_means_together(const processes *p, training *t) {
  const size_t N = t->count, T = PLACES, C = CHANNELS;
  float *const nu = t->states[0], *const phi = t->states[1];
  const size_t bytes = sync_power_norm_mean_of_means_forward_1_bytes(N, T, C);
  DO(sync_power_norm_mean_of_means_forward_1(N, T, C, t->x, t->partials, t->workspace, NULL));
  const void *all = gathered(p, t->partials, bytes);
  DO(sync_power_norm_mean_of_means_forward_1_merge((size_t)p->ranks, all, t->merged));
  DO(sync_power_norm_mean_of_means_forward_2(
      N, T, C, t->x, t->weight, t->bias, phi, phi, t->step, &t->step, EPS, ALPHA, WARMUP,
      t->merged, t->y, t->saved[0], t->saved[1], t->workspace, NULL));
  /* Its backward needs nothing of other processes. */
  DO(sync_power_norm_mean_of_means_backward(
      N, T, C, t->d_y, t->x, t->weight, nu, nu, ALPHA, t->saved[0], t->saved[1], t->d_x,
      t->d_weight, t->d_bias, t->workspace, NULL));
}

/** Requires that steps of all processes are those of one process that has all samples. */
static void compare_with_one_process(
    const char *name, const processes *p, void (*together)(const processes *, training *),
    void (*alone)(training *)) {
  training own = beginning(), whole = beginning();
  for (int step = 0; step < STEPS; step++) {
    take_samples(&own, step, p->first[p->rank], p->counts[p->rank]);
    take_samples(&whole, step, 0, SAMPLES);
    together(p, &own);
    alone(&whole);
    require_same_bits(p, name, own.states[0]);
    require_same_bits(p, name, own.states[1]);
    require(own.step == whole.step, "processes count their steps");

    float y[SAMPLES * ROW], d_x[SAMPLES * ROW], d_weight[CHANNELS], d_bias[CHANNELS];
    collect(p, own.y, y);
    collect(p, own.d_x, d_x);
    add_up(p, own.d_weight, d_weight);
    add_up(p, own.d_bias, d_bias);
    if (p->rank != 0) continue;
    const struct {
      const char *name;
      const float *found, *expected;
      size_t count;
    } results[] = {
        {"y", y, whole.y, SAMPLES * ROW},
        {"d_x", d_x, whole.d_x, SAMPLES * ROW},
        {"d_weight", d_weight, whole.d_weight, CHANNELS},
        {"d_bias", d_bias, whole.d_bias, CHANNELS},
        {"the first state", own.states[0], whole.states[0], CHANNELS},
        {"the second state", own.states[1], whole.states[1], CHANNELS},
    };
    for (size_t i = 0; i < sizeof results / sizeof *results; i++) {
      char what[100];
      double expected[SAMPLES * ROW];
      for (size_t j = 0; j < results[i].count; j++) expected[j] = results[i].expected[j];
      snprintf(what, sizeof what, "%s, step %d: %s", name, step + 1, results[i].name);
      require_close(what, results[i].found, expected, results[i].count);
    }
  }
}

/** Requires that the mean of means is its own formula, in each process. */
static void compare_mean_of_means(const processes *p) {
  training own = beginning(), other = beginning();
  double nu[CHANNELS] = {0}, phi[CHANNELS];
  for (int c = 0; c < CHANNELS; c++) phi[c] = own.states[1][c];
  for (int step = 1; step <= STEPS; step++) {
    double v[CHANNELS] = {0}, y[SAMPLES * ROW], d_x[SAMPLES * ROW], d_weight[CHANNELS] = {0};
    for (int rank = 0; rank < p->ranks; rank++) {
      take_samples(&other, step, p->first[rank], p->counts[rank]);
      const int places = p->counts[rank] * PLACES;
      for (int i = 0; i < places * CHANNELS; i++) {
        v[i % CHANNELS] += (double)other.x[i] * other.x[i] / places / p->ranks;
      }
    }
    take_samples(&own, step, p->first[p->rank], p->counts[p->rank]);
    mean_of_means_together(p, &own);

    const int count = p->counts[p->rank] * ROW;
    double drift[CHANNELS] = {0};
    for (int i = 0; i < count; i++) {
      const int c = i % CHANNELS;
      const double z = own.x[i] / sqrt((step <= WARMUP ? v[c] : phi[c]) + EPS);
      const double a = own.d_y[i] * own.weight[c] - (1 - ALPHA) * nu[c] * z;
      y[i] = own.weight[c] * z + own.bias[c];
      d_x[i] = a / sqrt(v[c] + EPS);
      d_weight[c] += own.d_y[i] * z;
      drift[c] += a * z / (count / CHANNELS);
    }
    const double rate = step < WARMUP ? 1 - ALPHA * (step - 1) / step : 1 - ALPHA;
    for (int c = 0; c < CHANNELS; c++) {
      nu[c] += drift[c];
      phi[c] += rate * (v[c] - phi[c]);
    }
    require_close("y of the mean of means", own.y, y, (size_t)count);
    require_close("d_x of the mean of means", own.d_x, d_x, (size_t)count);
    require_close("d_weight of the mean of means", own.d_weight, d_weight, CHANNELS);
    require_close("nu of the mean of means", own.states[0], nu, CHANNELS);
    require_close("phi of the mean of means", own.states[1], phi, CHANNELS);
    require_same_bits(p, "phi of the mean of means", own.states[1]);
  }
}

/** Requires that partial results are refused where they do not belong, and nothing is written. */
static void require_refusals(void) {
  static training t;
  t = beginning();
  take_samples(&t, 0, 0, 2);
  const size_t N = t.count, C = CHANNELS, S = PLACES;
  const size_t bytes = sync_batch_norm_forward_1_bytes(N, C, S);
  double two[512];
  unsigned char *const second = (unsigned char *)two + bytes;
  DO(sync_batch_norm_forward_1(N, C, S, t.x, two, t.workspace, NULL));
  memcpy(second, two, bytes);
  t.merged[0] = 42;
  require(
      masked_sync_batch_norm_forward_1_merge(1, two, t.merged)
          == MASKED_SYNC_BATCH_NORM_BAD_PARTIALS,
      "partial results of another spec are refused");
  require(
      sync_batch_norm_backward_1_merge(1, two, t.merged) == SYNC_BATCH_NORM_BAD_PARTIALS,
      "partial results of another step are refused");
  require(
      sync_batch_norm_forward_1_merge(0, two, t.merged) == SYNC_BATCH_NORM_BAD_PARTIALS,
      "there is a process");
  require(
      sync_batch_norm_forward_1_merge(1, NULL, t.merged) == SYNC_BATCH_NORM_NULL_POINTER,
      "there are partial results");
  DO(sync_batch_norm_forward_1(N, C - 1, S, t.x, second, t.workspace, NULL));
  require(
      sync_batch_norm_forward_1_merge(2, two, t.merged) == SYNC_BATCH_NORM_BAD_PARTIALS,
      "partial results of other sizes are refused");
  require(t.merged[0] == 42, "nothing is written where partial results are refused");

  DO(sync_batch_norm_forward_1_merge(1, second, t.merged));
  t.y[0] = 42;
  require(
      sync_batch_norm_forward_2(
          N, C, S, t.x, t.weight, t.bias, t.states[0], t.states[0], t.states[1], t.states[1], EPS,
          MOMENTUM, t.merged, t.y, NULL, NULL, t.workspace, NULL)
          == SYNC_BATCH_NORM_BAD_PARTIALS,
      "what was merged for other sizes is refused");
  require(t.y[0] == 42 && t.states[1][0] == 1, "nothing is written where it is refused");
}

int main(int argc, char **argv) {
  MPI_Init(&argc, &argv);
  const processes p = this_process();
  require(
      sync_batch_norm_workspace(SAMPLES, CHANNELS, PLACES) <= sizeof(double[4096])
          && masked_sync_batch_norm_workspace(SAMPLES, CHANNELS, PLACES) <= sizeof(double[4096])
          && sync_power_norm_workspace(SAMPLES, PLACES, CHANNELS) <= sizeof(double[4096])
          && sync_power_norm_mean_of_means_workspace(SAMPLES, PLACES, CHANNELS)
                 <= sizeof(double[4096]),
      "the workspace suffices");
  compare_with_one_process("batch norm", &p, batch_norm_together, batch_norm_alone);
  compare_with_one_process("masked batch norm", &p, masked_together, masked_alone);
  compare_with_one_process("power norm", &p, power_norm_together, power_norm_alone);
  compare_mean_of_means(&p);
  require_refusals();
  if (p.rank == 0) printf("%016llx\n", (unsigned long long)fingerprint);
  MPI_Finalize();
  return 0;
}
