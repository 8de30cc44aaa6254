#pragma once

#include "calib/profile/constant.hpp"
#include "sim/serving/step/layer_times.hpp"

namespace moesim {

/// Time of some kernels of one GPU, gaps between them included, and what it moves.
struct Cost {
  double seconds = 0;
  double sm_busy = 0;
  double hbm_bytes = 0;
  double launches = 0;

  Cost& operator+=(const Cost& other) {
    seconds += other.seconds;
    sm_busy += other.sm_busy;
    hbm_bytes += other.hbm_bytes;
    launches += other.launches;
    return *this;
  }
};
inline Cost operator+(Cost a, const Cost& b) {
  return a += b;
}
inline Cost operator*(Cost cost, double factor) {
  cost.seconds *= factor;
  cost.sm_busy *= factor;
  cost.hbm_bytes *= factor;
  cost.launches *= factor;
  return cost;
}

/// What follows from the tokens of an attention rank alone, of one GPU and one layer.
struct TokenCosts {
  Cost attention_in;   ///< up to the core
  Cost attention_out;  ///< behind it
  Cost gate;
  Cost shared;
  Cost dense;  ///< of a dense layer
};

/// A transfer of one layer as its slowest GPU sees it.
struct TransferCost {
  double seconds = 0;
  double kernels = 0;  ///< that send and receive, where it else takes no SMs
  Provenance provenance = Provenance::assumed;
};

/// A transfer of `tokens` tokens of every GPU. Ratios are maximum over mean.
struct TransferLoad {
  bool combine = false;
  double tokens = 0;
  double gpu_ratio = 1;
  double node_ratio = 1;
};

/// Ingredients of an iteration of a wide unit; all of one GPU. Thread-safe.
class WideTimes {
 public:
  virtual ~WideTimes() = default;
  [[nodiscard]] virtual TokenCosts of_tokens(double tokens, bool prompt) const = 0;
  [[nodiscard]] virtual Cost decode_core(double sequences, double mean_kv, int query_tokens) const = 0;
  /// Of `prompts` (a mean, may be below 1) of `length` new tokens each behind `past` ones.
  [[nodiscard]] virtual Cost prompt_core(double prompts, double length, double past) const = 0;
  [[nodiscard]] virtual Cost experts(const ExpertWork& work, bool prompt) const = 0;
  [[nodiscard]] virtual Cost head(double rows) const = 0;
  [[nodiscard]] virtual Cost draft_projection(double tokens) const = 0;
  [[nodiscard]] virtual TransferCost transfer(const TransferLoad& load, bool prompt) const = 0;
};

}  // namespace moesim
