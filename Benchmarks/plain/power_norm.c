#include "power_norm.h"
#include "plain.h"

PLAIN_NORM(power_norm, size_t T, size_t B, size_t C)

power_norm_status power_norm_forward(
    size_t T, size_t B, size_t C, const float *restrict x, const uint8_t *restrict valid,
    const float *restrict weight, const float *restrict bias, const float *phi, float *next_phi,
    int64_t step, int64_t *next_step, double eps, double alpha_fwd, double warmup,
    float *restrict y, float *restrict rsqrt_power, float *restrict rrms, void *workspace,
    const normgen_executor *executor) {
  const double now = (double)step + 1;
  const float rate =
      (float)(now < warmup ? 1 - alpha_fwd * (now - 1) / now : 1 - alpha_fwd);
  float places = 0;
  memset(rrms, 0, C * sizeof *rrms);
  for (size_t n = 0; n < T * B; n++) {
    if (!valid[n]) continue;
    places++;
    for (size_t c = 0; c < C; c++) rrms[c] += x[n * C + c] * x[n * C + c];
  }
  for (size_t c = 0; c < C; c++) {
    const float v = rrms[c] / places;
    rsqrt_power[c] = reciprocal_root(now <= warmup ? v : phi[c], eps);
    rrms[c] = reciprocal_root(v, eps);
    next_phi[c] = phi[c] + rate * (v - phi[c]);
  }
  for (size_t n = 0; n < T * B; n++) {
    for (size_t c = 0; c < C; c++) {
      y[n * C + c] = x[n * C + c] * rsqrt_power[c] * weight[c] + bias[c];
    }
  }
  *next_step = step + 1;
  return POWER_NORM_OK;
}

power_norm_status power_norm_backward(
    size_t T, size_t B, size_t C, const float *restrict d_y, const float *restrict x,
    const float *restrict weight, const float *nu, float *next_nu, double alpha_bwd,
    const float *restrict rsqrt_power, const float *restrict rrms, float *restrict d_x,
    float *restrict d_weight, float *restrict d_bias, void *workspace,
    const normgen_executor *executor) {
  const float rate = (float)(1 - alpha_bwd), count = (float)(T * B);
  float sums[C];
  memset(sums, 0, sizeof sums);
  memset(d_weight, 0, C * sizeof *d_weight);
  memset(d_bias, 0, C * sizeof *d_bias);
  for (size_t n = 0; n < T * B; n++) {
    for (size_t c = 0; c < C; c++) {
      const float z = x[n * C + c] * rsqrt_power[c], g = d_y[n * C + c];
      const float a = g * weight[c] - rate * nu[c] * z;
      d_x[n * C + c] = a * rrms[c];
      sums[c] += a * z;
      d_weight[c] += g * z;
      d_bias[c] += g;
    }
  }
  for (size_t c = 0; c < C; c++) next_nu[c] = nu[c] + sums[c] / count;
  return POWER_NORM_OK;
}
