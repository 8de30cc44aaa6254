#include "sim/serving/fleet/unit_capacity.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "sim/serving/fleet/fleet_unit.hpp"
#include "sim/serving/fleet/unit_speed.hpp"

namespace moesim {
namespace {

constexpr int kBisections = 60;
constexpr int kRounds = 50;

/// Prompts of the demand's mean with `tokens` new tokens in all; the fullest rank has `most` of them.
StepBatch prompt_batch(const FleetPool& pool, const Demand& demand, double tokens, double most) {
  StepBatch batch;
  batch.query_tokens = pool.unit.speculation.drafts + 1;
  batch.prompt_tokens = tokens;
  batch.prompt_tokens_max = most;
  batch.prompts = batch.finished_prompts = tokens / std::max(demand.mean_new(), 1.0);
  const double prompts = std::max(demand.prompts, 1.0);
  batch.past_tokens = batch.prompts * demand.cached_tokens / prompts;
  batch.prompt_pairs = batch.prompts * demand.prompt_pairs / prompts;
  batch.prompt_pairs_max = tokens > 0 ? batch.prompt_pairs * most / tokens : 0;
  return batch;
}

double full_budget(const FleetPool& pool) {
  return static_cast<double>(pool.unit.batching.token_budget) * pool.unit.layout.attention_ranks();
}

struct StreamModel {
  const FleetPool& pool;
  const Demand& demand;
  double step_factor;
  double accepted;
  double prompt_s;  ///< that each request takes from decoding

  [[nodiscard]] double step_s(double streams) const {
    return step_factor * mean_step_s(pool, decode_batch(pool, streams, demand.kv_of_stream()));
  }
  [[nodiscard]] double rate(double streams) const {
    const double output = std::max(demand.mean_output(), 1.0);
    return streams * accepted / (output * step_s(streams) + streams * accepted * prompt_s);
  }
  [[nodiscard]] double tokens_per_s(double streams) const {
    return accepted * (1 - rate(streams) * prompt_s) / step_s(streams);
  }
};

StreamModel stream_model(const FleetPool& pool, const Demand& demand, double step_factor) {
  StreamModel model{pool, demand, step_factor, tokens_per_step(pool), 0};
  if (pool.spec.role == PoolRole::colocated && demand.prompts > 0)
    model.prompt_s = 1 / prompt_capacity(pool, demand).requests_per_s;
  return model;
}

}  // namespace

double room_for_streams(const FleetPool& pool, const Demand& demand) {
  const double kv = std::max(demand.kv_of_stream(), 1.0);
  return std::min(static_cast<double>(max_sequences(pool)), kv_capacity_tokens(pool) / kv);
}

double tokens_per_step(const FleetPool& pool) {
  const SpeculationSpec& spec = pool.unit.speculation;
  double tokens = 1;
  double reach = 1;
  for (int i = 0; i < spec.drafts && !spec.acceptance.empty(); ++i) {
    reach *= spec.acceptance[std::min(static_cast<std::size_t>(i), spec.acceptance.size() - 1)];
    tokens += reach;
  }
  return tokens;
}

UnitCapacity prompt_capacity(const FleetPool& pool, const Demand& demand) {
  const double tokens = full_budget(pool);
  UnitCapacity capacity;
  const auto budget = static_cast<double>(pool.unit.batching.token_budget);
  capacity.step_s = mean_step_s(pool, prompt_batch(pool, demand, tokens, budget));
  capacity.requests_per_s = tokens / capacity.step_s / std::max(demand.mean_new(), 1.0);
  return capacity;
}

UnitCapacity stream_capacity(const FleetPool& pool, const Demand& demand, double tokens_per_s,
                             double step_factor) {
  const StreamModel model = stream_model(pool, demand, step_factor);
  double low = 1;
  double high = std::max(room_for_streams(pool, demand), 1.0);
  if (model.tokens_per_s(high) >= tokens_per_s) low = high;
  for (int i = 0; i < kBisections && low < high; ++i) {
    const double middle = (low + high) / 2;
    (model.tokens_per_s(middle) >= tokens_per_s ? low : high) = middle;
  }
  return {model.rate(low), low, model.step_s(low), low > 1 || model.tokens_per_s(1) >= tokens_per_s};
}

double streams_at(const FleetPool& pool, const Demand& demand, double requests_per_s, double step_factor) {
  const StreamModel model = stream_model(pool, demand, step_factor);
  double low = 0;
  double high = room_for_streams(pool, demand);
  if (model.rate(high) <= requests_per_s) return high;
  for (int i = 0; i < kBisections; ++i) {
    const double middle = (low + high) / 2;
    (model.rate(middle) <= requests_per_s ? low : high) = middle;
  }
  return low;
}

double predicted_ttft_s(const FleetPool& pool, const Demand& demand, double requests_per_s) {
  const UnitCapacity full = prompt_capacity(pool, demand);
  const double busy = requests_per_s / full.requests_per_s;
  if (busy >= 1) return std::numeric_limits<double>::infinity();
  const double ranks = pool.unit.layout.attention_ranks();
  const auto budget = static_cast<double>(pool.unit.batching.token_budget);
  const double prompt = std::max(demand.mean_new(), 1.0);
  double cycle = full.step_s;
  for (int i = 0; i < kRounds; ++i) {
    const double came = std::min(requests_per_s * prompt * cycle, ranks * budget);
    const double most = std::max(came / ranks, std::min(prompt, budget));
    cycle = mean_step_s(pool, prompt_batch(pool, demand, std::max(came, std::min(prompt, budget)), most));
  }
  const double wait = busy / (2 * (1 - busy)) / full.requests_per_s;
  return pool.request_overhead_s + cycle / 2 + cycle * std::max(1.0, std::ceil(prompt / budget)) + wait;
}

}  // namespace moesim
