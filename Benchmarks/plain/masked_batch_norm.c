#include "masked_batch_norm.h"
#include "plain.h"

PLAIN_NORM(masked_batch_norm, size_t N, size_t T, size_t C)

masked_batch_norm_status masked_batch_norm_forward(
    size_t N, size_t T, size_t C, const float *restrict x, const uint8_t *restrict valid,
    const float *restrict weight, const float *restrict bias, const float *running_mean,
    float *next_running_mean, const float *running_var, float *next_running_var, double eps,
    double momentum, float *restrict y, float *restrict mean, float *restrict rstd,
    float *restrict count, void *workspace, const normgen_executor *executor) {
  const float rate = (float)momentum;
  float places = 0;
  memset(mean, 0, C * sizeof *mean);
  memset(rstd, 0, C * sizeof *rstd);
  for (size_t n = 0; n < N * T; n++) {
    if (!valid[n]) continue;
    places++;
    for (size_t c = 0; c < C; c++) mean[c] += x[n * C + c];
  }
  for (size_t c = 0; c < C; c++) mean[c] /= places;
  for (size_t n = 0; n < N * T; n++) {
    if (!valid[n]) continue;
    for (size_t c = 0; c < C; c++) {
      rstd[c] += (x[n * C + c] - mean[c]) * (x[n * C + c] - mean[c]);
    }
  }
  for (size_t c = 0; c < C; c++) {
    const float var = rstd[c] / places, unbiased = places > 1 ? rstd[c] / (places - 1) : var;
    rstd[c] = reciprocal_root(var, eps);
    next_running_mean[c] = running_mean[c] + rate * (mean[c] - running_mean[c]);
    next_running_var[c] = running_var[c] + rate * (unbiased - running_var[c]);
  }
  for (size_t n = 0; n < N * T; n++) {
    for (size_t c = 0; c < C; c++) {
      y[n * C + c] = (x[n * C + c] - mean[c]) * rstd[c] * weight[c] + bias[c];
    }
  }
  *count = places;
  return MASKED_BATCH_NORM_OK;
}

masked_batch_norm_status masked_batch_norm_backward(
    size_t N, size_t T, size_t C, const float *restrict d_y, const float *restrict x,
    const uint8_t *restrict valid, const float *restrict weight, const float *restrict mean,
    const float *restrict rstd, const float *restrict count, float *restrict d_x,
    float *restrict d_weight, float *restrict d_bias, void *workspace,
    const normgen_executor *executor) {
  memset(d_weight, 0, C * sizeof *d_weight);
  memset(d_bias, 0, C * sizeof *d_bias);
  for (size_t n = 0; n < N * T; n++) {
    for (size_t c = 0; c < C; c++) {
      d_weight[c] += d_y[n * C + c] * (x[n * C + c] - mean[c]) * rstd[c];
      d_bias[c] += d_y[n * C + c];
    }
  }
  for (size_t n = 0; n < N * T; n++) {
    const float part = valid[n] ? 1 / *count : 0;
    for (size_t c = 0; c < C; c++) {
      const float normalized = (x[n * C + c] - mean[c]) * rstd[c];
      d_x[n * C + c] = (d_y[n * C + c] - (d_bias[c] + normalized * d_weight[c]) * part) *
                       weight[c] * rstd[c];
    }
  }
  return MASKED_BATCH_NORM_OK;
}
