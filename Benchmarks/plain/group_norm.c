#include "group_norm.h"
#include "plain.h"

PLAIN_NORM(group_norm, size_t N, size_t C, size_t S, size_t G)

group_norm_status group_norm_forward(
    size_t N, size_t C, size_t S, size_t G, const float *restrict x,
    const float *restrict weight, const float *restrict bias, double eps, float *restrict y,
    float *restrict mean, float *restrict rstd, void *workspace,
    const normgen_executor *executor) {
  const size_t K = C / G, count = K * S;
  for (size_t n = 0; n < N; n++) {
    for (size_t g = 0; g < G; g++) {
      const float *restrict u = x + (n * G + g) * count;
      float *restrict v = y + (n * G + g) * count;
      float sum = 0, squares = 0;
      for (size_t i = 0; i < count; i++) sum += u[i];
      const float m = sum / count;
      for (size_t i = 0; i < count; i++) squares += (u[i] - m) * (u[i] - m);
      const float r = reciprocal_root(squares / count, eps);
      for (size_t k = 0; k < K; k++) {
        const float w = weight[g * K + k] * r, b = bias[g * K + k];
        for (size_t s = 0; s < S; s++) v[k * S + s] = (u[k * S + s] - m) * w + b;
      }
      mean[n * G + g] = m;
      rstd[n * G + g] = r;
    }
  }
  return GROUP_NORM_OK;
}

group_norm_status group_norm_backward(
    size_t N, size_t C, size_t S, size_t G, const float *restrict d_y, const float *restrict x,
    const float *restrict weight, const float *restrict mean, const float *restrict rstd,
    float *restrict d_x, float *restrict d_weight, float *restrict d_bias, void *workspace,
    const normgen_executor *executor) {
  const size_t K = C / G, count = K * S;
  memset(d_weight, 0, C * sizeof *d_weight);
  memset(d_bias, 0, C * sizeof *d_bias);
  for (size_t n = 0; n < N; n++) {
    for (size_t g = 0; g < G; g++) {
      const float m = mean[n * G + g], r = rstd[n * G + g];
      float sum = 0, product = 0;
      for (size_t k = 0; k < K; k++) {
        const size_t c = g * K + k;
        const float *restrict u = x + (n * C + c) * S, *restrict e = d_y + (n * C + c) * S;
        float of_channel = 0, product_of_channel = 0;
        for (size_t s = 0; s < S; s++) {
          of_channel += e[s];
          product_of_channel += e[s] * (u[s] - m) * r;
        }
        d_weight[c] += product_of_channel;
        d_bias[c] += of_channel;
        sum += of_channel * weight[c];
        product += product_of_channel * weight[c];
      }
      sum /= count;
      product /= count;
      for (size_t k = 0; k < K; k++) {
        const size_t c = g * K + k;
        const float *restrict u = x + (n * C + c) * S, *restrict e = d_y + (n * C + c) * S;
        float *restrict d = d_x + (n * C + c) * S;
        for (size_t s = 0; s < S; s++) {
          d[s] = (e[s] * weight[c] - sum - (u[s] - m) * r * product) * r;
        }
      }
    }
  }
  return GROUP_NORM_OK;
}
