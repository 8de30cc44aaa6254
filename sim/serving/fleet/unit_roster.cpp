#include "sim/serving/fleet/unit_roster.hpp"

#include <algorithm>
#include <limits>

namespace moesim {
namespace {

/// The disk of the first pool that has one, in tokens; pools share it.
std::shared_ptr<DiskCache> shared_disk(const FleetScenario& scenario) {
  for (const FleetPool& pool : scenario.pools) {
    const double bytes = pool.spec.prefix_cache.disk.value();
    if (pool.spec.role == PoolRole::decode || bytes <= 0 || pool.kv_bytes_per_token <= 0) continue;
    return std::make_shared<DiskCache>(static_cast<std::int64_t>(bytes / pool.kv_bytes_per_token));
  }
  return nullptr;
}

}  // namespace

UnitRoster::UnitRoster(const FleetScenario& scenario, std::uint64_t seed)
    : scenario_(scenario),
      seed_(seed),
      disk_(shared_disk(scenario)),
      by_pool_(scenario.pools.size()),
      allotments_(scenario.pools.size()) {}

const FleetPool& UnitRoster::pool_of(int unit) const {
  return scenario_.pools[static_cast<std::size_t>((*this)[unit].pool)];
}

int UnitRoster::wanted(int pool) const {
  const std::vector<int>& units = of_pool(pool);
  return static_cast<int>(std::count_if(units.begin(), units.end(), [&](int unit) {
    const UnitPhase phase = (*this)[unit].phase;
    return phase != UnitPhase::off && phase != UnitPhase::draining;
  }));
}

int UnitRoster::allot(int pool, UnitPhase phase, double now_s) {
  for (int unit : of_pool(pool)) {
    if ((*this)[unit].phase != UnitPhase::off) continue;
    (*this)[unit].clear();
    set_phase(unit, phase, now_s);
    return unit;
  }
  const int unit = size();
  units_.emplace_back(scenario_.pools[static_cast<std::size_t>(pool)], pool, unit, seed_, now_s, disk_);
  units_.back().phase = phase;
  next_.push_back(std::numeric_limits<double>::infinity());
  by_pool_[static_cast<std::size_t>(pool)].push_back(unit);
  count(pool, 1, now_s);
  return unit;
}

void UnitRoster::set_phase(int unit, UnitPhase phase, double now_s) {
  FleetUnit& changed = (*this)[unit];
  const bool was_allotted = changed.allotted();
  changed.phase = phase;
  ++changed.attempt;
  if (changed.allotted() != was_allotted) count(changed.pool, was_allotted ? -1 : 1, now_s);
}

int UnitRoster::next_unit() const {
  int first = -1;
  double time = std::numeric_limits<double>::infinity();
  for (std::size_t i = 0; i < next_.size(); ++i) {
    if (next_[i] < time) {
      time = next_[i];
      first = static_cast<int>(i);
    }
  }
  return first;
}

void UnitRoster::start_measuring(double now_s) {
  for (FleetUnit& unit : units_) unit.unit.take_totals();
  for (Allotment& allotment : allotments_) allotment = {allotment.now, allotment.now, 0, now_s};
}

Allotment UnitRoster::allotment(int pool, double now_s) const {
  Allotment result = allotments_[static_cast<std::size_t>(pool)];
  result.unit_s += result.now * (now_s - result.since_s);
  result.since_s = now_s;
  return result;
}

void UnitRoster::count(int pool, int change, double now_s) {
  Allotment& allotment = allotments_[static_cast<std::size_t>(pool)];
  allotment = this->allotment(pool, now_s);
  allotment.now += change;
  allotment.peak = std::max(allotment.peak, allotment.now);
}

}  // namespace moesim
