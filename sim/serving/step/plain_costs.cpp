#include "sim/serving/step/plain_costs.hpp"

#include <fmt/format.h>

#include "sim/serving/step/plain_parts.hpp"
#include "sim/serving/step/tabulated_times.hpp"

namespace moesim {

namespace {

/// What the host and gaps between kernels add.
class Framework {
 public:
  Framework(const LayerTimes& times, const PlainUnit& unit) : unit_(unit) {
    const auto of = [&](const char* name) { return times.constant(name, 0); };
    step_ = of("step_framework");
    prefill_ = of("prefill_framework");
    per_sequence_ = of("step_per_sequence");
    per_draft_ = of("draft_framework");
    gap_ = of("graph_kernel_gap");
    launch_ = of("launch");
    StepBatch prompt{.prompts = 1, .prompt_tokens = 1024, .prompt_tokens_max = 1024};
    StepBatch decode{.sequences = 8, .sequences_max = 1, .kv_tokens = 8192, .kv_tokens_max = 1024};
    phases_ = {phase_of(times, decode), phase_of(times, prompt)};
  }

  /// Of an iteration whose kernels take `kernels` seconds.
  [[nodiscard]] double seconds(const StepBatch& batch, double kernels) const {
    const bool prompt = batch.prompt_tokens > 0;
    const Phase& phase = phases_[prompt ? 1 : 0];
    const double fixed = prompt ? prefill_ : step_;
    const double drafts = batch.sequences > 0 ? per_draft_ * unit_.drafts : 0;
    const double host = phase.graph ? 0 : std::max(0.0, phase.launches * launch_ - kernels);
    return fixed + drafts + host + per_sequence_ * batch.sequences_max + gap_ * phase.launches;
  }

 private:
  struct Phase {
    bool graph = false;
    double launches = 0;
  };

  [[nodiscard]] Phase phase_of(const LayerTimes& times, const StepBatch& batch) const {
    const ExpertState state{1, 1, 8, 1};
    const auto parts = PlainIteration<PartTime, LayerTimes>(times, unit_, batch, state).parts();
    const PartTime all = parts.attention + parts.dense + parts.experts + parts.communication + parts.drafts;
    return {times.phase(batch.prompt_tokens > 0).graph, all.launches};
  }

  PlainUnit unit_;
  double step_ = 0, prefill_ = 0, per_sequence_ = 0, per_draft_ = 0, gap_ = 0, launch_ = 0;
  std::array<Phase, 2> phases_;  ///< [without prompts, with]
};

class PlainCosts final : public StepCosts {
 public:
  explicit PlainCosts(const UnitCostInput& input)
      : exact_(input), unit_(input), tables_(exact_, unit_.packed_share()), framework_(exact_, unit_) {}

  [[nodiscard]] StepTime step(const StepBatch& batch, const ExpertState& experts) const override {
    return time_of<KernelCost>(tables_, batch, experts);
  }
  [[nodiscard]] StepTime exact(const StepBatch& batch, const ExpertState& experts) const override {
    return time_of<PartTime>(exact_, batch, experts);
  }

 private:
  template <class Part, class Times>
  [[nodiscard]] StepTime time_of(const Times& times, const StepBatch& batch,
                                 const ExpertState& experts) const {
    StepTime out;
    if (batch.tokens() <= 0) return out;
    const auto parts = PlainIteration<Part, Times>(times, unit_, batch, experts).parts();
    out.attention = parts.attention.seconds;
    out.dense = parts.dense.seconds;
    out.attention_imbalance = std::max(0.0, parts.attention_slowest.seconds - parts.attention.seconds) +
                              std::max(0.0, parts.dense_slowest.seconds - parts.dense.seconds);
    out.experts = parts.experts.seconds;
    out.expert_imbalance = std::max(0.0, parts.experts_slowest.seconds - parts.experts.seconds);
    out.communication = parts.communication.seconds;
    out.drafts = parts.drafts.seconds;
    out.framework = framework_.seconds(batch, out.total());
    const Part mean = parts.attention + parts.dense + parts.experts + parts.communication + parts.drafts;
    out.sm_busy = mean.sm_busy;
    out.hbm_bytes = mean.hbm_bytes;
    return out;
  }

  LayerTimes exact_;
  PlainUnit unit_;
  TabulatedTimes tables_;
  Framework framework_;
};

void check(const UnitCostInput& input) {
  const UnitLayout& layout = input.pool->layout;
  std::vector<PlanError::Violation> faults;
  if (layout.gpus > input.cluster->gpus_per_node) {
    faults.push_back({"/layout/gpus",
                      fmt::format("{} GPUs over nodes of {} without DeepEP transfers", layout.gpus,
                                  input.cluster->gpus_per_node),
                      "name a stack with DeepEP transfers, e.g. sglang-wideep"});
  }
  if (input.pool->speculation.drafts > 0 && input.model->mtp_depth == 0) {
    faults.push_back({"/speculation/drafts", fmt::format("{} has no draft layer", input.model->name),
                      "choose 0, or a model with multi-token prediction"});
  }
  if (!faults.empty()) throw PlanError(std::move(faults));
}

}  // namespace

std::shared_ptr<const StepCosts> make_plain_costs(const UnitCostInput& input) {
  auto out = std::make_shared<PlainCosts>(input);
  check(input);
  return out;
}

void account_plain_step(const UnitCostInput& input, const StepBatch& batch, const ExpertState& experts,
                        double weight, ProvenanceAccount& account) {
  const LayerTimes times(input);
  const PlainUnit unit(input);
  const auto parts = PlainIteration<PartTime, LayerTimes>(times, unit, batch, experts).parts();
  const PartTime all = parts.attention_slowest + parts.dense_slowest + parts.experts_slowest +
                       parts.communication + parts.drafts;
  for (std::size_t i = 0; i < all.by_provenance.size(); ++i)
    account.add(weight * all.by_provenance[i], static_cast<Provenance>(i));
  const double framework = Framework(times, unit).seconds(batch, all.seconds);
  account.add(weight * framework, Provenance::assumed);
}

}  // namespace moesim
