#include "rms_norm.h"
#include "plain.h"

PLAIN_NORM(rms_norm, size_t N, size_t C)

rms_norm_status rms_norm_forward(
    size_t N, size_t C, const float *restrict x, const float *restrict weight, double eps,
    float *restrict y, float *restrict rrms, void *workspace, const normgen_executor *executor) {
  for (size_t n = 0; n < N; n++, x += C, y += C) {
    float squares = 0;
    for (size_t c = 0; c < C; c++) squares += x[c] * x[c];
    const float r = reciprocal_root(squares / C, eps);
    for (size_t c = 0; c < C; c++) y[c] = x[c] * r * weight[c];
    rrms[n] = r;
  }
  return RMS_NORM_OK;
}

rms_norm_status rms_norm_backward(
    size_t N, size_t C, const float *restrict d_y, const float *restrict x,
    const float *restrict weight, const float *restrict rrms, float *restrict d_x,
    float *restrict d_weight, void *workspace, const normgen_executor *executor) {
  memset(d_weight, 0, C * sizeof *d_weight);
  for (size_t n = 0; n < N; n++, x += C, d_y += C, d_x += C) {
    const float r = rrms[n];
    float product = 0;
    for (size_t c = 0; c < C; c++) product += d_y[c] * weight[c] * x[c] * r;
    product /= C;
    for (size_t c = 0; c < C; c++) {
      const float normalized = x[c] * r;
      d_x[c] = (d_y[c] * weight[c] - normalized * product) * r;
      d_weight[c] += d_y[c] * normalized;
    }
  }
  return RMS_NORM_OK;
}
