#include "global_response_norm.h"
#include "plain.h"

PLAIN_NORM(global_response_norm, size_t N, size_t S, size_t C)

global_response_norm_status global_response_norm_forward(
    size_t N, size_t S, size_t C, const float *restrict x, const float *restrict weight,
    const float *restrict bias, double eps, float *restrict y, float *restrict sum_x_squared,
    float *restrict mean_length, void *workspace, const normgen_executor *executor) {
  memset(sum_x_squared, 0, N * C * sizeof *sum_x_squared);
  for (size_t n = 0; n < N; n++, x += S * C, y += S * C) {
    float *restrict squares = sum_x_squared + n * C;
    for (size_t s = 0; s < S; s++) {
      for (size_t c = 0; c < C; c++) squares[c] += x[s * C + c] * x[s * C + c];
    }
    float sum = 0;
    for (size_t c = 0; c < C; c++) sum += sqrtf(squares[c]);
    mean_length[n] = sum / C;
    const float r = 1 / (mean_length[n] + (float)eps);
    for (size_t s = 0; s < S; s++) {
      for (size_t c = 0; c < C; c++) {
        y[s * C + c] = x[s * C + c] * (weight[c] * sqrtf(squares[c]) * r + 1) + bias[c];
      }
    }
  }
  return GLOBAL_RESPONSE_NORM_OK;
}

global_response_norm_status global_response_norm_backward(
    size_t N, size_t S, size_t C, const float *restrict d_y, const float *restrict x,
    const float *restrict weight, double eps, const float *restrict sum_x_squared,
    const float *restrict mean_length, float *restrict d_x, float *restrict d_weight,
    float *restrict d_bias, void *workspace, const normgen_executor *executor) {
  float products[C], factors[C];
  memset(d_weight, 0, C * sizeof *d_weight);
  memset(d_bias, 0, C * sizeof *d_bias);
  for (size_t n = 0; n < N; n++, x += S * C, d_y += S * C, d_x += S * C) {
    const float *restrict squares = sum_x_squared + n * C;
    const float r = 1 / (mean_length[n] + (float)eps);
    float sum = 0;
    memset(products, 0, sizeof products);
    for (size_t s = 0; s < S; s++) {
      for (size_t c = 0; c < C; c++) {
        products[c] += d_y[s * C + c] * x[s * C + c];
        d_bias[c] += d_y[s * C + c];
      }
    }
    for (size_t c = 0; c < C; c++) {
      d_weight[c] += products[c] * sqrtf(squares[c]) * r;
      sum += products[c] * weight[c] * sqrtf(squares[c]);
    }
    for (size_t c = 0; c < C; c++) {
      const float d_length = products[c] * weight[c] * r - sum * r * r / C;
      factors[c] = squares[c] > 0 ? d_length / sqrtf(squares[c]) : 0;
    }
    for (size_t s = 0; s < S; s++) {
      for (size_t c = 0; c < C; c++) {
        d_x[s * C + c] = d_y[s * C + c] * (weight[c] * sqrtf(squares[c]) * r + 1) +
                         factors[c] * x[s * C + c];
      }
    }
  }
  return GLOBAL_RESPONSE_NORM_OK;
}
