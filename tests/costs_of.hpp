#pragma once

#include <functional>
#include <utility>

#include "sim/serving/step/step_costs.hpp"

namespace moesim::test {

/// Step costs by a function of the batch.
class CostsOf : public StepCosts {
 public:
  explicit CostsOf(std::function<double(const StepBatch&)> seconds) : seconds_(std::move(seconds)) {}
  [[nodiscard]] StepTime step(const StepBatch& batch, const ExpertState& /*experts*/) const override {
    StepTime time;
    time.attention = seconds_(batch);
    return time;
  }
  [[nodiscard]] StepTime exact(const StepBatch& batch, const ExpertState& experts) const override {
    return step(batch, experts);
  }

 private:
  std::function<double(const StepBatch&)> seconds_;
};

}  // namespace moesim::test
