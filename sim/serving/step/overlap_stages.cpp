#include "sim/serving/step/overlap_stages.hpp"

#include <algorithm>

namespace moesim {

namespace {

/// Computation beside one transfer.
struct Work {
  double attention = 0, dense = 0, experts = 0;
  [[nodiscard]] double sum() const { return attention + dense + experts; }
};

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
  const double attention = one.attention_in + one.attention_core;
  MoeLayerTime layer;
  const auto add = [&](const Work& work, double transfer) {
    const StageTime stage = stage_time(work.sum(), transfer, rates);
    const double rate = work.sum() > 0 ? stage.compute / work.sum() : 0;
    layer.attention += rate * work.attention;
    layer.dense += rate * work.dense;
    layer.experts += rate * work.experts;
    layer.communication += stage.exposed();
  };
  add({attention, one.gate, 0}, one.dispatch);
  add({0, 0, one.experts}, one.dispatch);
  add({0, one.shared, one.experts}, one.combine);
  add({attention, one.gate + one.shared, 0}, one.combine);
  return layer;
}

MoeLayerTime serial_layer(const MicroBatchTimes& whole) {
  MoeLayerTime layer;
  layer.attention = whole.attention_in + whole.attention_core;
  layer.dense = whole.gate + whole.shared;
  layer.experts = whole.experts;
  layer.communication = whole.dispatch + whole.combine;
  return layer;
}

}  // namespace moesim
