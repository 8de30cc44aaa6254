#include "sim/planner/capacity/first_break.hpp"

namespace moesim {
namespace {

constexpr double kFullKv = 0.97;
constexpr double kFullBatch = 0.9;
constexpr double kMostTime = 0.5;

double ratio(double a, double b) {
  return b > 0 ? a / b : 0;
}

bool takes_part(PoolRole role, SloFigure figure) {
  if (figure == SloFigure::ttft) return role != PoolRole::decode;
  return figure == SloFigure::e2e || role != PoolRole::prefill;
}

std::size_t worst_target(const std::vector<SloTarget>& slo, const FleetTrial& trial) {
  std::size_t worst = 0;
  double most = 0;
  for (std::size_t i = 0; i < slo.size(); ++i) {
    const double excess = trial.targets[i].value_s / slo[i].limit_s;
    if (trial.targets[i].holds || !(excess > most)) continue;
    most = excess;
    worst = i;
  }
  return worst;
}

std::string resource_of(const PoolInputs& pool, SloFigure figure, const PoolPressure& pressure,
                        const UnitTotals& totals) {
  if (pressure.kv_used_fraction >= kFullKv) return "KV memory";
  if (pressure.batch_fraction >= kFullBatch) return "batch limit";
  if (figure == SloFigure::ttft || pool.spec.role == PoolRole::prefill)
    return pressure.wait_mean_s > pressure.prompt_step_s ? "prompt queue" : "prompt computation";
  const double prompts = ratio(totals.prefill_step.total(), totals.step.total());
  return prompts > kMostTime ? "prompts between tokens" : "step time";
}

}  // namespace

PoolPressure pressure_of(const ServingInputs& inputs, const FleetTrial& trial, std::size_t pool) {
  const PoolResult& result = trial.fleet.pools.at(pool);
  const PoolSpec& spec = inputs.pools[pool]->spec;
  const UnitTotals& totals = result.totals;
  const double places = static_cast<double>(spec.batching.max_batch) * spec.layout.attention_ranks();
  return {
      result.utilisation,
      totals.kv_used_max,
      ratio(totals.sequence_seconds, result.allotted_unit_s * places),
      ratio(totals.waiting_seconds, static_cast<double>(totals.started)),
      ratio(totals.prefill_step.total(), static_cast<double>(totals.prefill_iterations)),
      ratio(totals.decode_step.total(), static_cast<double>(totals.iterations - totals.prefill_iterations))};
}

FirstBreak first_break(const ServingInputs& inputs, const std::vector<SloTarget>& slo,
                       const FleetTrial& trial) {
  FirstBreak found;
  found.target = worst_target(slo, trial);
  const SloFigure figure = slo[found.target].figure;
  for (std::size_t i = 0; i < trial.fleet.pools.size(); ++i) {
    const PoolInputs& pool = *inputs.pools[i];
    if (!takes_part(pool.spec.role, figure)) continue;
    const PoolPressure pressure = pressure_of(inputs, trial, i);
    if (!found.pool.empty() && pressure.busy_fraction <= found.pressure.busy_fraction) continue;
    found.pool = pool.name;
    found.pressure = pressure;
    found.resource = resource_of(pool, figure, pressure, trial.fleet.pools[i].totals);
  }
  return found;
}

}  // namespace moesim
