// Where the time of an iteration of a wide unit comes from.
#include <algorithm>

#include "sim/serving/step/overlapped_costs.hpp"
#include "sim/serving/step/wide_kernels.hpp"
#include "sim/serving/step/wide_step.hpp"

namespace moesim {

namespace {

/// Adds `seconds` in the proportions of `like`.
void add_like(double seconds, const PartTime& like, ProvenanceAccount& account) {
  if (seconds <= 0 || like.seconds <= 0) return;
  for (const auto& [provenance, name] : EnumNames<Provenance>::table)
    account.add(seconds * like.by_provenance[static_cast<std::size_t>(provenance)] / like.seconds,
                provenance);
}

PartTime attention_of(const RankLoad& load, const LayerTimes& layers) {
  const bool prompt = load.prompt_tokens > 0;
  PartTime out = layers.attention_linear(load.tokens(), prompt);
  if (load.sequences > 0)
    out += layers.decode_core(load.sequences, load.kv_tokens / load.sequences, load.query_tokens);
  if (prompt)
    out += layers.prompt_core(std::max(load.prompts, 1.0), load.prompt_tokens / load.prompts,
                              load.past_tokens / load.prompts);
  return out;
}

PartTime transfers_of(const WideKernels& kernels, const WideUnit& unit, const StepBatch& batch,
                      const ExpertState& experts) {
  const TransferTimes both = kernels.transfers(
      {batch.tokens() / unit.ranks / 2, experts.gpu_max_over_mean, experts.node_max_over_mean},
      batch.prompt_tokens > 0);
  PartTime out;
  for (const TransferTime& one : {both.dispatch, both.combine}) {
    out.seconds += one.seconds;
    out.by_provenance[static_cast<std::size_t>(one.provenance)] += one.seconds;
  }
  return out;
}

}  // namespace

void account_overlapped_step(const UnitCostInput& input, const StepBatch& batch, const ExpertState& experts,
                             double weight, ProvenanceAccount& account) {
  if (batch.tokens() <= 0) return;
  const WideUnit unit = wide_unit(input);
  const WideKernels kernels(input, unit);
  const StepTime time = WideStep(unit, wide_step_policy(input, unit)).time(batch, experts, kernels);
  const LayerTimes& layers = kernels.layers();
  const bool prompt = batch.prompt_tokens > 0;
  const RankLoad load = rank_loads(batch, unit.ranks).mean;

  const PartTime attention = attention_of(load, layers);
  const PartTime dense = layers.gate(load.tokens(), prompt) + layers.shared(load.tokens(), prompt) +
                         layers.head(load.sequences + batch.finished_prompts / unit.ranks);
  const double rows = batch.tokens() * unit.top_k / unit.gpus * experts.gpu_max_over_mean;
  const PartTime routed =
      layers.experts({rows, unit.slots, experts.slot_max_over_mean, prompt ? load.tokens() : 0}, prompt);
  add_like(weight * (time.attention + time.attention_imbalance), attention, account);
  add_like(weight * time.dense, dense, account);
  add_like(weight * (time.experts + time.expert_imbalance), routed, account);
  add_like(weight * time.drafts, attention + dense + routed, account);
  add_like(weight * time.communication, transfers_of(kernels, unit, batch, experts), account);
  const std::string_view name = prompt ? "prefill_framework" : "step_framework";
  account.add(weight * std::max(0.0, time.framework),
              std::ranges::any_of(input.stack->constants, [&](const Constant& c) { return c.name == name; })
                  ? input.stack->constant(name, input.profile->excluded()).provenance
                  : Provenance::assumed);
}

}  // namespace moesim
