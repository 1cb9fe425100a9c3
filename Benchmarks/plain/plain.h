/* What all plain norms share. They are what a C programmer writes first: loops over the formula,
 * for gcc -O3 -march=native -ffast-math to vectorise. They have the interface of the generated C,
 * so that the same calls measure both. */
#include <math.h>
#include <string.h>

#ifndef PLAIN_H
#define PLAIN_H

/** The functions without mathematics: a plain norm needs no workspace and never fails. */
#define PLAIN_NORM(norm, ...)                                              \
  size_t norm##_workspace(__VA_ARGS__) { return 0; }                       \
  const char *norm##_status_text(norm##_status status) {                   \
    return status ? "failed" : "done";                                     \
  }

static inline float reciprocal_root(float square, double eps) {
  return 1 / sqrtf(square + (float)eps);
}

#endif
