#include "sim/serving/step/unit_costs.hpp"

#include "sim/serving/step/overlapped_costs.hpp"
#include "sim/serving/step/plain_costs.hpp"

namespace moesim {

namespace {

/// Whether iterations of that phase go through DeepEP or in two micro-batches.
bool overlaps(const ServingPhasePolicy& phase, const std::optional<bool>& stated) {
  return stated.value_or(phase.overlap != BatchOverlap::none) ||
         phase.transfer == ExpertTransfer::deepep_normal ||
         phase.transfer == ExpertTransfer::deepep_low_latency;
}

bool overlaps(const UnitCostInput& input) {
  if (!input.stack->serving) return false;
  const PoolSpec& pool = *input.pool;
  const bool prompts =
      pool.role != PoolRole::decode && overlaps(input.stack->serving->prefill, pool.two_micro_batches);
  const bool decodes =
      pool.role != PoolRole::prefill && overlaps(input.stack->serving->decode, pool.two_micro_batches);
  return prompts || decodes;
}

}  // namespace

std::shared_ptr<const StepCosts> make_step_costs(const UnitCostInput& input) {
  return overlaps(input) ? make_overlapped_costs(input) : make_plain_costs(input);
}

void account_step(const UnitCostInput& input, const StepBatch& batch, const ExpertState& experts,
                  double weight, ProvenanceAccount& account) {
  if (overlaps(input)) return account_overlapped_step(input, batch, experts, weight, account);
  account_plain_step(input, batch, experts, weight, account);
}

}  // namespace moesim
