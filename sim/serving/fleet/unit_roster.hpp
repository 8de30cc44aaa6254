#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "sim/serving/fleet/fleet_unit.hpp"

namespace moesim {

/// Unit-seconds allotted to a pool over the measured time.
struct Allotment {
  int now = 0;  ///< units with nodes
  int peak = 0;
  double unit_s = 0;
  double since_s = 0;
};

/// The units of a fleet: which there are, what phase each is in, when each has its next event. Units are
/// never taken out; one that is off is used again. Indices are over the fleet, in order of coming.
class UnitRoster {
 public:
  UnitRoster(const FleetScenario& scenario, std::uint64_t seed);

  [[nodiscard]] FleetUnit& operator[](int unit) { return units_[static_cast<std::size_t>(unit)]; }
  [[nodiscard]] const FleetUnit& operator[](int unit) const { return units_[static_cast<std::size_t>(unit)]; }
  [[nodiscard]] int size() const { return static_cast<int>(units_.size()); }
  [[nodiscard]] const FleetPool& pool_of(int unit) const;
  /// Units of a pool in order of their indices, those that are off included.
  [[nodiscard]] const std::vector<int>& of_pool(int pool) const {
    return by_pool_[static_cast<std::size_t>(pool)];
  }
  /// Units that are live, or starting (failed ones count as live: they come back).
  [[nodiscard]] int wanted(int pool) const;

  /// An off unit of the pool, or a new one, with nodes from now on.
  int allot(int pool, UnitPhase phase, double now_s);
  /// Changes the phase and makes timers set before out of date.
  void set_phase(int unit, UnitPhase phase, double now_s);

  /// The unit with the earliest next event, of equal ones the lowest; -1 when all are idle.
  [[nodiscard]] int next_unit() const;
  [[nodiscard]] double next_time(int unit) const { return next_[static_cast<std::size_t>(unit)]; }
  /// After what changes a unit's next event.
  void refresh(int unit) { next_[static_cast<std::size_t>(unit)] = (*this)[unit].unit.next_event(); }

  /// The measured time starts: totals and allotments count from now.
  void start_measuring(double now_s);
  /// Allotment of a pool up to `now_s`.
  [[nodiscard]] Allotment allotment(int pool, double now_s) const;

 private:
  void count(int pool, int change, double now_s);

  const FleetScenario& scenario_;
  std::uint64_t seed_;
  std::shared_ptr<DiskCache> disk_;
  std::deque<FleetUnit> units_;
  std::vector<double> next_;               ///< [units]
  std::vector<std::vector<int>> by_pool_;  ///< [pools]
  std::vector<Allotment> allotments_;      ///< [pools]
};

}  // namespace moesim
