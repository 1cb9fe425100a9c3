#include "layer_norm_gelu.h"
#include "plain.h"

PLAIN_NORM(layer_norm_gelu, size_t N, size_t C)

/** The probability that a normal variable lies below u. */
static inline float below(float u) { return 0.5f * (1 + erff(u * 0.70710678f)); }

layer_norm_gelu_status layer_norm_gelu_forward(
    size_t N, size_t C, const float *restrict x, const float *restrict weight,
    const float *restrict bias, double eps, float *restrict y, float *restrict mean,
    float *restrict rstd, void *workspace, const normgen_executor *executor) {
  for (size_t n = 0; n < N; n++, x += C, y += C) {
    float sum = 0, squares = 0;
    for (size_t c = 0; c < C; c++) sum += x[c];
    const float m = sum / C;
    for (size_t c = 0; c < C; c++) squares += (x[c] - m) * (x[c] - m);
    const float r = reciprocal_root(squares / C, eps);
    for (size_t c = 0; c < C; c++) {
      const float u = (x[c] - m) * r * weight[c] + bias[c];
      y[c] = u * below(u);
    }
    mean[n] = m;
    rstd[n] = r;
  }
  return LAYER_NORM_GELU_OK;
}

layer_norm_gelu_status layer_norm_gelu_backward(
    size_t N, size_t C, const float *restrict d_y, const float *restrict x,
    const float *restrict weight, const float *restrict bias, const float *restrict mean,
    const float *restrict rstd, float *restrict d_x, float *restrict d_weight,
    float *restrict d_bias, void *workspace, const normgen_executor *executor) {
  memset(d_weight, 0, C * sizeof *d_weight);
  memset(d_bias, 0, C * sizeof *d_bias);
  for (size_t n = 0; n < N; n++, x += C, d_y += C, d_x += C) {
    const float m = mean[n], r = rstd[n];
    float sum = 0, product = 0;
    for (size_t c = 0; c < C; c++) {
      const float u = (x[c] - m) * r * weight[c] + bias[c];
      const float density = 0.39894228f * expf(-0.5f * u * u);
      d_x[c] = d_y[c] * (below(u) + u * density);
      sum += d_x[c] * weight[c];
      product += d_x[c] * weight[c] * (x[c] - m) * r;
    }
    sum /= C;
    product /= C;
    for (size_t c = 0; c < C; c++) {
      const float normalized = (x[c] - m) * r, d_u = d_x[c];
      d_x[c] = (d_u * weight[c] - sum - normalized * product) * r;
      d_weight[c] += d_u * normalized;
      d_bias[c] += d_u;
    }
  }
  return LAYER_NORM_GELU_OK;
}
