#include "sim/serving/step/overlap_stages.hpp"

#include <algorithm>

namespace moesim {

namespace {

/// Adds `elapsed` of computation, divided as attention, dense and experts are alone.
void add_compute(MoeLayerTime& layer, double attention, double dense, double elapsed) {
  const double sum = attention + dense;
  if (sum <= 0) return;
  layer.attention += elapsed * attention / sum;
  layer.dense += elapsed * dense / sum;
}

/// What a transfer without SMs leaves open beside `compute`, its kernels included.
double open_transfer(double transfer, double kernels, double compute) {
  return kernels + std::max(0.0, transfer - kernels - compute);
}

}  // namespace

StageTime stage_time(double compute, double transfer, const ComputeRates& rates) {
  const double beside = compute / rates.beside;
  if (beside <= transfer) return {transfer, beside};
  const double rest = (compute - transfer * rates.beside) / rates.alone;
  return {transfer + rest, transfer + rest};
}

MoeLayerTime five_stage_layer(const MicroBatchTimes& one) {
  MoeLayerTime layer;
  layer.attention = 2 * (one.attention_in + one.attention_core);
  layer.dense = 2 * (one.gate + one.shared);
  layer.experts = 2 * one.experts;
  layer.communication =
      2 * (open_transfer(one.dispatch, one.dispatch_kernels, one.attention_in + one.shared) +
           open_transfer(one.combine, one.combine_kernels, one.attention_core + one.gate));
  return layer;
}

MoeLayerTime two_batch_layer(const MicroBatchTimes& one, const ComputeRates& rates) {
  const double attention = one.attention_in + one.attention_core, dense = one.gate + one.shared;
  MoeLayerTime layer;
  for (const double transfer : {one.dispatch, one.combine}) {
    const StageTime first = stage_time(attention + dense, transfer, rates);
    const StageTime second = stage_time(one.experts, transfer, rates);
    add_compute(layer, attention, dense, first.compute);
    layer.experts += second.compute;
    layer.communication += first.exposed() + second.exposed();
  }
  return layer;
}

MoeLayerTime serial_layer(const MicroBatchTimes& whole, double waiting) {
  MoeLayerTime layer;
  layer.attention = whole.attention_in + whole.attention_core;
  layer.dense = whole.gate + whole.shared;
  layer.experts = whole.experts;
  const double compute = layer.total();
  layer.communication = waiting * (compute + whole.dispatch + whole.combine) - compute;
  return layer;
}

}  // namespace moesim
