#pragma once

#include "calib/profile/constant.hpp"
#include "sim/serving/step/layer_times.hpp"
#include "sim/serving/step/lazy_grid.hpp"

namespace moesim {

/// What follows from the tokens of an attention rank alone: of one GPU and one layer, in seconds with gaps
/// between kernels.
struct TokenTimes {
  double attention_in = 0;   ///< up to the core
  double attention_out = 0;  ///< behind it
  double gate = 0;
  double shared = 0;
  double dense = 0;  ///< of a dense layer
  // Of all but `dense`, and of a dense layer.
  double sm_busy = 0;
  double hbm_bytes = 0;
  double dense_sm_busy = 0;
  double dense_hbm_bytes = 0;
};

/// Dispatch and combine of `tokens` tokens of every attention rank. Ratios are maximum over mean.
struct TransferLoad {
  double tokens = 0;
  double gpu_ratio = 1;
  double node_ratio = 1;
};

/// A transfer of one layer as its slowest GPU sees it.
struct TransferTime {
  double seconds = 0;
  double kernels = 0;  ///< that send and receive, where it else takes no SMs
  Provenance provenance = Provenance::assumed;
};
struct TransferTimes {
  TransferTime dispatch, combine;
};

/// Ingredients of an iteration of a wide unit; all of one GPU. Thread-safe.
class WideTimes {
 public:
  virtual ~WideTimes() = default;
  [[nodiscard]] virtual TokenTimes of_tokens(double tokens, bool prompt) const = 0;
  [[nodiscard]] virtual KernelCost decode_core(double sequences, double mean_kv, int query_tokens) const = 0;
  /// Of `prompts` (a mean, may be below 1) of `length` new tokens each behind `past` ones.
  [[nodiscard]] virtual KernelCost prompt_core(double prompts, double length, double past) const = 0;
  [[nodiscard]] virtual KernelCost experts(const ExpertWork& work, bool prompt) const = 0;
  [[nodiscard]] virtual KernelCost head(double rows) const = 0;
  [[nodiscard]] virtual KernelCost draft_projection(double tokens) const = 0;
  [[nodiscard]] virtual TransferTimes transfers(const TransferLoad& load, bool prompt) const = 0;
  /// Launches of one micro-batch in one MoE layer.
  [[nodiscard]] virtual double launches(bool prompt) const = 0;
};

}  // namespace moesim
