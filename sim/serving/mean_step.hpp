#pragma once

#include <array>
#include <string_view>

#include "sim/serving/batching/unit_totals.hpp"
#include "sim/serving/serving_inputs.hpp"

namespace moesim {

/// A cause of an iteration's time, as summaries and waterfalls name it.
struct StepPart {
  std::string_view name;
  double StepTime::*seconds;
};
inline constexpr std::array<StepPart, 8> kStepParts{{{"attention", &StepTime::attention},
                                                     {"attention_imbalance", &StepTime::attention_imbalance},
                                                     {"dense", &StepTime::dense},
                                                     {"experts", &StepTime::experts},
                                                     {"expert_imbalance", &StepTime::expert_imbalance},
                                                     {"communication_exposed", &StepTime::communication},
                                                     {"drafts", &StepTime::drafts},
                                                     {"framework", &StepTime::framework}}};

/// The mean iteration of a pool: of one that generates those without prompts, of others those with.
struct MeanStep {
  double iterations = 0;
  StepTime time;
  StepBatch batch;      ///< of mean size, sums of a unit
  ExpertState experts;  ///< at that size
};
MeanStep mean_step(const UnitTotals& totals, const PoolInputs& pool);

/// The mean iteration with prompts of a colocated pool, which mean_step() leaves out; of others none.
MeanStep mixed_step(const UnitTotals& totals, const PoolInputs& pool);

/// Share of the iterations with decoding sequences that also have prompts; 0 without any.
double mixed_share(const UnitTotals& totals);

}  // namespace moesim
