#include "sim/planner/capacity/sized_fleet.hpp"
#include "sim/cluster/cost.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "base/error.hpp"
#include "base/units.hpp"

namespace moesim {
namespace {

constexpr const char* kSloOrigin = "--slo";
constexpr const char* kGpusOrigin = "--gpus-max";
/// Units of one pool that are looked at, at most.
constexpr double kMostUnits = 4096;
constexpr double kHalf = 0.5;
constexpr double kNineTenths = 0.9;

double total(const Units& units, const std::vector<double>& weights) {
  double sum = 0;
  for (std::size_t i = 0; i < units.size(); ++i) sum += units[i] * weights[i];
  return sum;
}

/// A node that fails must be there.
int least_units(const ServingInputs& inputs, const PoolInputs& pool) {
  int least = 1;
  for (const NodeFailure& failure : inputs.scenario.failures) {
    if (failure.pool == pool.name) least = std::max(least, failure.unit + 1);
  }
  return least;
}

std::string units_text(const ServingInputs& inputs, const Units& units) {
  std::string text;
  for (std::size_t i = 0; i < units.size(); ++i)
    text += fmt::format("{}{} x {}", i == 0 ? "" : ", ", units[i], inputs.pools[i]->name);
  return text;
}

/// GPUs of all pools, or those of each cluster.
std::vector<UnitCap> caps_of(const ServingInputs& inputs, std::optional<int> gpus_max) {
  std::map<std::string, UnitCap> caps;
  for (std::size_t i = 0; i < inputs.pools.size(); ++i) {
    const PoolInputs& pool = *inputs.pools[i];
    UnitCap& cap = caps[gpus_max ? "" : pool.cluster.name];
    cap.weights.resize(inputs.pools.size());
    cap.weights[i] = pool.spec.layout.gpus;
    cap.most = gpus_max ? *gpus_max : pool.cluster.num_gpus();
  }
  std::vector<UnitCap> all;
  for (auto& [name, cap] : caps) all.push_back(std::move(cap));
  return all;
}

}  // namespace

FleetSizer::FleetSizer(const ServingInputs& inputs, const SizingOptions& options)
    : inputs_(inputs),
      options_(options),
      requests_(inputs),
      draws_(inputs, requests_, options.slo, options.num_draws, options.threads),
      stated_([this](const Units& units) { return play(units, 1).holds; }) {
  if (inputs.scenario.workload.saturated) {
    throw SpecError(inputs.file, "/workload/saturated", "fills every fleet, whatever its size",
                    "state arrivals, a trace or a concurrency");
  }
  check_targets();
  space_ = space();
}

void FleetSizer::check_targets() const {
  for (const SloTarget& target : options_.slo) {
    const auto without = target.figure == SloFigure::ttft ? PoolRole::decode : PoolRole::prefill;
    const bool known =
        std::ranges::any_of(inputs_.pools, [&](const auto& pool) { return pool->spec.role != without; });
    if (known || target.figure == SloFigure::e2e) continue;
    throw SpecError(kSloOrigin, "",
                    fmt::format("{}: no pool of the deployment {}", target.text(),
                                without == PoolRole::decode ? "computes prompts" : "generates"),
                    "leave it out, or add a pool");
  }
}

UnitSpace FleetSizer::space() const {
  UnitSpace space;
  space.caps = caps_of(inputs_, options_.gpus_max);
  for (std::size_t i = 0; i < inputs_.pools.size(); ++i) {
    space.least.push_back(least_units(inputs_, *inputs_.pools[i]));
    double most = kMostUnits;
    for (const UnitCap& cap : space.caps) {
      if (cap.weights[i] > 0) most = std::min(most, std::floor(cap.most / cap.weights[i]));
    }
    space.most.push_back(std::max(space.least.back(), static_cast<int>(most)));
  }
  for (const UnitCap& cap : space.caps) {
    const double least = total(space.least, cap.weights);
    if (least <= cap.most) continue;
    throw SpecError(options_.gpus_max ? kGpusOrigin : inputs_.file, options_.gpus_max ? "" : "/cluster",
                    fmt::format("{} GPUs hold no unit of each pool, which take {}", cap.most, least),
                    fmt::format("at least --gpus-max {}", total(space.least, gpus_per_unit())));
  }
  return space;
}

std::vector<double> FleetSizer::gpus_per_unit() const {
  std::vector<double> gpus;
  for (const auto& pool : inputs_.pools) gpus.push_back(pool->spec.layout.gpus);
  return gpus;
}

std::vector<double> FleetSizer::dollars_per_unit_s() const {
  std::vector<double> dollars;
  for (const auto& pool : inputs_.pools)
    dollars.push_back(pool->spec.layout.gpus * price_at_peak(pool->cluster));
  return dollars;
}

std::int64_t FleetSizer::num_simulations() const {
  return static_cast<std::int64_t>(trials_.size()) + draws_.num_simulations();
}

FleetTrial FleetSizer::play(const Units& units, double load) {
  if (options_.progress) options_.progress(0.1, fmt::format("sizing: {}", units_text(inputs_, units)));
  FleetTrial trial = play_fleet(inputs_, requests_, options_.slo, units, load, options_.threads);
  for (const PoolResult& pool : trial.fleet.pools)
    num_operations_ += static_cast<std::uint64_t>(pool.totals.iterations);
  trials_.push_back({units, load, trial.targets});
  return trial;
}

void FleetSizer::refuse_slo(const Units& largest, const char* level) {
  const FleetTrial trial = play(largest, 1);
  std::string missed;
  for (std::size_t i = 0; i < options_.slo.size(); ++i) {
    const TargetOutcome& outcome = trial.targets[i];
    if (outcome.holds) continue;
    const std::string reached =
        std::isfinite(outcome.value_s)
            ? fmt::format("reaches {:.4g} s", outcome.value_s)
            : fmt::format("is missed by {} of {} requests", outcome.misses, outcome.requests);
    missed += fmt::format("{}{} {}", missed.empty() ? "" : ", ", options_.slo[i].text(), reached);
  }
  if (missed.empty()) missed = "it holds as stated, in too few draws";
  throw SpecError(
      kSloOrigin, "",
      fmt::format("no fleet of up to {} holds it ({}): {}", units_text(inputs_, largest), level, missed),
      "allow more time, a lower percentile, more GPUs (--gpus-max), or other units");
}

void FleetSizer::refuse_size(const Units& sufficient, const char* level) const {
  const double gpus = total(sufficient, gpus_per_unit());
  throw SpecError(options_.gpus_max ? kGpusOrigin : inputs_.file, options_.gpus_max ? "" : "/cluster",
                  fmt::format("too few GPUs to hold the SLO ({}); {} hold it: {}", level, gpus,
                              units_text(inputs_, sufficient)),
                  fmt::format("--gpus-max {}", gpus));
}

Units FleetSizer::cheapest(std::span<const double> cost, const Units& start, const Holds& holds,
                           const char* level) {
  const FoundUnits found = cheapest_units(space_, cost, start, holds);
  if (!found.holdable) refuse_slo(found.sufficient, level);
  if (!found.best) refuse_size(found.sufficient, level);
  return *found.best;
}

Units FleetSizer::drawn(std::span<const double> cost, const Units& start, double share, const char* level) {
  const int wanted = static_cast<int>(std::ceil(share * draws_.num_draws()));
  const Holds holds = [&](const Units& units) {
    if (options_.progress) {
      options_.progress(
          0.3, fmt::format("{} of {} draws: {}", level, draws_.num_draws(), units_text(inputs_, units)));
    }
    const bool held = draws_.hold(units, wanted);
    draw_trials_.push_back({units, wanted, held, draws_.num_holding(units)});
    return held;
  };
  return cheapest(cost, start, MonotoneHolds(holds), level);
}

SizedFleet FleetSizer::size(std::span<const double> cost) {
  SizedFleet sized;
  Sizes& sizes = sized.sizes;
  sizes.stated = cheapest(
      cost, space_.least, [this](const Units& units) { return stated_(units); }, "inputs as stated");
  sizes.p50 = sizes.p90 = sizes.stated;
  if (draws_.num_draws() > 0) {
    sizes.p90 = drawn(cost, sizes.stated, kNineTenths, "p90");
    sizes.p50 = drawn(cost, sizes.stated, kHalf, "p50");
  }
  if (options_.progress) options_.progress(0.9, "margin");
  sized.trial = play(sizes.p90, 1);
  sized.margin = load_margin([&](double load) { return load == 1 ? sized.trial : play(sizes.p90, load); });
  return sized;
}

}  // namespace moesim
