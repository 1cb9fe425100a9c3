#include "softmax.h"
#include "plain.h"

PLAIN_NORM(softmax, size_t N, size_t C)

softmax_status softmax_forward(
    size_t N, size_t C, const float *restrict x, float *restrict y, void *workspace, const normgen_executor *executor) {
  for (size_t n = 0; n < N; n++, x += C, y += C) {
    float largest = -INFINITY, sum = 0;
    for (size_t c = 0; c < C; c++) largest = x[c] > largest ? x[c] : largest;
    for (size_t c = 0; c < C; c++) {
      y[c] = expf(x[c] - largest);
      sum += y[c];
    }
    for (size_t c = 0; c < C; c++) y[c] /= sum;
  }
  return SOFTMAX_OK;
}

softmax_status softmax_backward(
    size_t N, size_t C, const float *restrict d_y, const float *restrict y, float *restrict d_x,
    void *workspace, const normgen_executor *executor) {
  for (size_t n = 0; n < N; n++, y += C, d_y += C, d_x += C) {
    float product = 0;
    for (size_t c = 0; c < C; c++) product += y[c] * d_y[c];
    for (size_t c = 0; c < C; c++) d_x[c] = y[c] * (d_y[c] - product);
  }
  return SOFTMAX_OK;
}
