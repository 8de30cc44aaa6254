#include "sim/serving/step/overlapped_costs.hpp"

#include "sim/serving/step/wide_step.hpp"
#include "sim/serving/step/wide_tables.hpp"

namespace moesim {

namespace {

class OverlappedCosts final : public StepCosts {
 public:
  explicit OverlappedCosts(const UnitCostInput& input)
      : unit_(wide_unit(input)),
        kernels_(input, unit_),
        tables_(kernels_, unit_, 1 + input.pool->speculation.drafts),
        step_(unit_, wide_step_policy(input, unit_)) {}

  [[nodiscard]] StepTime step(const StepBatch& batch, const ExpertState& experts) const override {
    return step_.time(batch, experts, tables_);
  }
  [[nodiscard]] StepTime exact(const StepBatch& batch, const ExpertState& experts) const override {
    return step_.time(batch, experts, kernels_);
  }

 private:
  WideUnit unit_;
  WideKernels kernels_;
  WideTables tables_;
  WideStep step_;
};

}  // namespace

std::shared_ptr<const StepCosts> make_overlapped_costs(const UnitCostInput& input) {
  return std::make_shared<OverlappedCosts>(input);
}

}  // namespace moesim
