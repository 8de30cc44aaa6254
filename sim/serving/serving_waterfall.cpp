// Where iterations go, and whence their times come.
#include <nlohmann/json.hpp>

#include "base/resolved_difference.hpp"
#include "calib/profile/provenance_account.hpp"
#include "sim/serving/mean_step.hpp"
#include "sim/serving/serving_summary.hpp"

namespace moesim {
namespace {

std::string_view note_of(std::string_view part) {
  struct Note {
    std::string_view part;
    std::string_view note;
  };
  static constexpr std::array<Note, 8> kNotes{
      {{"attention", "of the mean rank: projections, core, small kernels"},
       {"attention_imbalance", "the fullest rank over the mean"},
       {"dense", "dense layers, shared experts, gate, head"},
       {"experts", "routed experts, all GPUs alike"},
       {"expert_imbalance", "the fullest GPU over the mean"},
       {"communication_exposed", "what no computation hides"},
       {"drafts", "draft layers and sampling"},
       {"framework", "host, launches, scheduling"}}};
  for (const Note& note : kNotes) {
    if (note.part == part) return note.note;
  }
  return "";
}

Json row(std::string_view name, double seconds, std::string_view source, std::string_view note) {
  return {{"name", name},      {"seconds", seconds}, {"low_s", seconds},
          {"high_s", seconds}, {"source", source},   {"note", note}};
}

/// What leads from the step to the time between the tokens of a stream, and the sum of all rows.
void add_prompts_of_others(Json& rows, const MeanStep& step, const UnitTotals& totals,
                           const PoolInputs& pool) {
  const double alone = step.time.total();
  const MeanStep mixed = mixed_step(totals, pool);
  if (mixed.iterations == 0 || !(totals.sequence_iterations > 0)) {
    rows.push_back(row("step_s", alone, "", "mean iteration"));
    return;
  }
  const double accepted = totals.accepted_tokens / totals.sequence_iterations;
  const double of_stream = totals.inter_token_s.mean() * accepted;
  const double plain = totals.plain_sequence_iterations > 0
                           ? totals.plain_sequence_seconds / totals.plain_sequence_iterations
                           : alone;
  rows.push_back(row("weights_of_streams", resolved_difference(plain, alone), "",
                     "fuller iterations count for more streams"));
  rows.push_back(row("prompts_of_others", resolved_difference(of_stream, plain), pool.stack->name,
                     "iterations with prompts, beside or between; pauses"));
  rows.push_back(row("between_steps_s", of_stream, "", "of a stream: inter-token time x accepted length"));
}

}  // namespace

Json serving_waterfall(const ServingInputs& inputs, const ServingResult& result) {
  Json waterfall = Json::object();
  for (std::size_t i = 0; i < result.fleet.pools.size(); ++i) {
    const PoolInputs& pool = *inputs.pools[i];
    const MeanStep step = mean_step(result.fleet.pools[i].totals, pool);
    if (step.iterations == 0) continue;
    Json rows = Json::array();
    for (const StepPart& part : kStepParts)
      rows.push_back(row(part.name, step.time.*part.seconds, pool.stack->name, note_of(part.name)));
    add_prompts_of_others(rows, step, result.fleet.pools[i].totals, pool);
    waterfall[pool.name] = std::move(rows);
  }
  return waterfall;
}

Json serving_provenance(const ServingInputs& inputs, const ServingResult& result) {
  ProvenanceAccount account;
  for (std::size_t i = 0; i < result.fleet.pools.size(); ++i) {
    const PoolInputs& pool = *inputs.pools[i];
    const UnitTotals& totals = result.fleet.pools[i].totals;
    for (const MeanStep& step : {mean_step(totals, pool), mixed_step(totals, pool)}) {
      if (step.iterations > 0)
        account_step(inputs.cost_input(pool), step.batch, step.experts, step.iterations, account);
    }
  }
  const ProvenanceFractions shares = account.fractions();
  return {{"measured", shares.measured},
          {"published", shares.published},
          {"derived", shares.derived},
          {"assumed", shares.assumed}};
}

}  // namespace moesim
