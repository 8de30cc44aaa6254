#include "sim/serving/fleet/scaling.hpp"

#include <algorithm>
#include <cmath>

#include "sim/serving/fleet/unit_capacity.hpp"

namespace moesim {
namespace {

constexpr double kDay = 86400;

double time_of_day(double seconds) {
  const double rest = std::fmod(seconds, kDay);
  return rest < 0 ? rest + kDay : rest;
}

/// The fewest whole units that hold the TTFT target, 0 where the most do not; predicted_ttft_s falls with the
/// number of units.
double units_for_ttft(const FleetPool& pool, const Demand& demand, double rate, double by_work) {
  const double target = pool.spec.scaling.ttft->value();
  const auto holds = [&](int units) { return predicted_ttft_s(pool, demand, rate / units) <= target; };
  int low = std::max(static_cast<int>(std::floor(by_work)), 0);  // too few
  int high = std::max(2 * low, 1);
  const int most = std::max(pool.spec.scaling.max_units, 1);
  if (!holds(most)) return 0;
  low = std::min(low, most - 1);
  high = std::min(high, most);
  while (high < most && !holds(high)) {
    low = high;
    high = std::min(2 * high, most);
  }
  while (high - low > 1) {
    const int middle = low + (high - low) / 2;
    (holds(middle) ? high : low) = middle;
  }
  return high;
}

}  // namespace

double WantedUnits::most() const {
  return std::max({by_work, by_ttft, by_speed, by_utilisation});
}

WantedUnits wanted_units(const FleetPool& pool, const Demand& demand, double share, double step_factor) {
  WantedUnits wanted;
  const double rate = demand.rate() * share;
  const ScalingSpec& scaling = pool.spec.scaling;
  if (rate <= 0) return wanted;
  if (pool.spec.role == PoolRole::prefill) {
    wanted.by_work = rate / prompt_capacity(pool, demand).requests_per_s;
    if (scaling.ttft) wanted.by_ttft = units_for_ttft(pool, demand, rate, wanted.by_work);
    if (scaling.ttft && wanted.by_ttft == 0) wanted.missed = "ttft";
  } else {
    wanted.by_work = rate / stream_capacity(pool, demand, 0, step_factor).requests_per_s;
    if (scaling.tokens_per_s_per_user) {
      const double speed = *scaling.tokens_per_s_per_user;
      const UnitCapacity unit = stream_capacity(pool, demand, speed, step_factor);
      wanted.by_speed = rate / unit.requests_per_s;
      if (!unit.holds || wanted.by_speed > scaling.max_units) wanted.missed = "tokens_per_s_per_user";
      if (!unit.holds) wanted.by_speed = 0;
    }
  }
  if (scaling.utilisation) wanted.by_utilisation = wanted.by_work / *scaling.utilisation;
  if (wanted.by_utilisation > scaling.max_units) wanted.missed = "utilisation";
  if (wanted.by_work > scaling.max_units) wanted.missed = "of its work";
  return wanted;
}

int whole_units(const FleetPool& pool, double units) {
  const ScalingSpec& scaling = pool.spec.scaling;
  const double whole = std::ceil(std::min(units, 1e9) - 1e-9);
  const int least = std::max(scaling.min_units, 1);
  return static_cast<int>(std::clamp<double>(whole, least, std::max(scaling.max_units, least)));
}

int scheduled_units(const ScalingSpec& scaling, double time_of_day_s) {
  const double now = time_of_day(time_of_day_s);
  const ScheduledUnits* last = nullptr;     // before now
  const ScheduledUnits* evening = nullptr;  // of the day before
  for (const ScheduledUnits& entry : scaling.schedule) {
    const double from = entry.from.value();
    if (from <= now && (!last || from >= last->from.value())) last = &entry;
    if (!evening || from >= evening->from.value()) evening = &entry;
  }
  const ScheduledUnits* entry = last ? last : evening;
  return entry ? std::max(entry->units, 0) : 1;
}

double until_next_entry(const ScalingSpec& scaling, double time_of_day_s) {
  const double now = time_of_day(time_of_day_s);
  double next = kDay;
  for (const ScheduledUnits& entry : scaling.schedule) {
    const double ahead = time_of_day(entry.from.value() - now);
    if (ahead > 0) next = std::min(next, ahead);
  }
  return next;
}

}  // namespace moesim
