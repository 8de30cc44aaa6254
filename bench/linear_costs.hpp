#pragma once

#include "sim/serving/step/step_costs.hpp"

namespace moesim {

/// Seconds linear in the fullest rank: a step that costs next to nothing to compute, so that a benchmark
/// times what is around it.
class LinearCosts : public StepCosts {
 public:
  LinearCosts(double base, double sequence, double kv, double prompt)
      : base_(base), sequence_(sequence), kv_(kv), prompt_(prompt) {}
  [[nodiscard]] StepTime step(const StepBatch& batch, const ExpertState& /*experts*/) const override {
    StepTime time;
    time.framework = base_;
    time.experts = sequence_ * batch.sequences_max + prompt_ * batch.prompt_tokens_max;
    time.attention = kv_ * batch.kv_tokens_max;
    return time;
  }
  [[nodiscard]] StepTime exact(const StepBatch& batch, const ExpertState& experts) const override {
    return step(batch, experts);
  }

 private:
  double base_, sequence_, kv_, prompt_;
};

}  // namespace moesim
