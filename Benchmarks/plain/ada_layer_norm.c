#include "ada_layer_norm.h"
#include "plain.h"

PLAIN_NORM(ada_layer_norm, size_t N, size_t T, size_t C)

ada_layer_norm_status ada_layer_norm_forward(
    size_t N, size_t T, size_t C, const float *restrict x, const float *restrict scale,
    const float *restrict shift, double eps, float *restrict y, float *restrict mean,
    float *restrict rstd, void *workspace, const normgen_executor *executor) {
  for (size_t n = 0; n < N; n++, scale += C, shift += C) {
    for (size_t t = 0; t < T; t++, x += C, y += C) {
      float sum = 0, squares = 0;
      for (size_t c = 0; c < C; c++) sum += x[c];
      const float m = sum / C;
      for (size_t c = 0; c < C; c++) squares += (x[c] - m) * (x[c] - m);
      const float r = reciprocal_root(squares / C, eps);
      for (size_t c = 0; c < C; c++) y[c] = (x[c] - m) * r * (1 + scale[c]) + shift[c];
      mean[n * T + t] = m;
      rstd[n * T + t] = r;
    }
  }
  return ADA_LAYER_NORM_OK;
}

ada_layer_norm_status ada_layer_norm_backward(
    size_t N, size_t T, size_t C, const float *restrict d_y, const float *restrict x,
    const float *restrict scale, const float *restrict mean, const float *restrict rstd,
    float *restrict d_x, float *restrict d_scale, float *restrict d_shift, void *workspace,
    const normgen_executor *executor) {
  memset(d_scale, 0, N * C * sizeof *d_scale);
  memset(d_shift, 0, N * C * sizeof *d_shift);
  for (size_t n = 0; n < N; n++, scale += C, d_scale += C, d_shift += C) {
    for (size_t t = 0; t < T; t++, x += C, d_y += C, d_x += C) {
      const float m = mean[n * T + t], r = rstd[n * T + t];
      float sum = 0, product = 0;
      for (size_t c = 0; c < C; c++) {
        sum += d_y[c] * (1 + scale[c]);
        product += d_y[c] * (1 + scale[c]) * (x[c] - m) * r;
      }
      sum /= C;
      product /= C;
      for (size_t c = 0; c < C; c++) {
        const float normalized = (x[c] - m) * r;
        d_x[c] = (d_y[c] * (1 + scale[c]) - sum - normalized * product) * r;
        d_scale[c] += d_y[c] * normalized;
        d_shift[c] += d_y[c];
      }
    }
  }
  return ADA_LAYER_NORM_OK;
}
