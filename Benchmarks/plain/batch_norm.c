#include "batch_norm.h"
#include "plain.h"

PLAIN_NORM(batch_norm, size_t N, size_t C, size_t S)

batch_norm_status batch_norm_forward(
    size_t N, size_t C, size_t S, const float *restrict x, const float *restrict weight,
    const float *restrict bias, const float *running_mean, float *next_running_mean,
    const float *running_var, float *next_running_var, double eps, double momentum,
    float *restrict y, float *restrict mean, float *restrict rstd, void *workspace,
    const normgen_executor *executor) {
  const float count = (float)(N * S), rate = (float)momentum;
  for (size_t c = 0; c < C; c++) {
    float sum = 0, squares = 0;
    for (size_t n = 0; n < N; n++) {
      const float *restrict u = x + (n * C + c) * S;
      for (size_t s = 0; s < S; s++) sum += u[s];
    }
    const float m = sum / count;
    for (size_t n = 0; n < N; n++) {
      const float *restrict u = x + (n * C + c) * S;
      for (size_t s = 0; s < S; s++) squares += (u[s] - m) * (u[s] - m);
    }
    const float var = squares / count, r = reciprocal_root(var, eps);
    const float unbiased = count > 1 ? squares / (count - 1) : var;
    const float w = weight[c] * r, b = bias[c];
    for (size_t n = 0; n < N; n++) {
      const float *restrict u = x + (n * C + c) * S;
      float *restrict v = y + (n * C + c) * S;
      for (size_t s = 0; s < S; s++) v[s] = (u[s] - m) * w + b;
    }
    mean[c] = m;
    rstd[c] = r;
    next_running_mean[c] = running_mean[c] + rate * (m - running_mean[c]);
    next_running_var[c] = running_var[c] + rate * (unbiased - running_var[c]);
  }
  return BATCH_NORM_OK;
}

batch_norm_status batch_norm_backward(
    size_t N, size_t C, size_t S, const float *restrict d_y, const float *restrict x,
    const float *restrict weight, const float *restrict mean, const float *restrict rstd,
    float *restrict d_x, float *restrict d_weight, float *restrict d_bias, void *workspace,
    const normgen_executor *executor) {
  const float count = (float)(N * S);
  for (size_t c = 0; c < C; c++) {
    const float m = mean[c], r = rstd[c];
    float sum = 0, product = 0;
    for (size_t n = 0; n < N; n++) {
      const float *restrict u = x + (n * C + c) * S, *restrict g = d_y + (n * C + c) * S;
      for (size_t s = 0; s < S; s++) {
        sum += g[s];
        product += g[s] * (u[s] - m) * r;
      }
    }
    d_weight[c] = product;
    d_bias[c] = sum;
    sum /= count;
    product /= count;
    for (size_t n = 0; n < N; n++) {
      const float *restrict u = x + (n * C + c) * S, *restrict g = d_y + (n * C + c) * S;
      float *restrict d = d_x + (n * C + c) * S;
      for (size_t s = 0; s < S; s++) {
        d[s] = (g[s] - sum - (u[s] - m) * r * product) * weight[c] * r;
      }
    }
  }
  return BATCH_NORM_OK;
}
