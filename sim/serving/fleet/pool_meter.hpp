#pragma once

#include "sim/serving/fleet/demand.hpp"
#include "sim/serving/fleet/scaling.hpp"
#include "sim/serving/fleet/unit_roster.hpp"

namespace moesim {

/// What a pool's autoscaler watches, and what it found.
class PoolMeter {
 public:
  Demand demand;           ///< since the last decision
  double routed = 0;       ///< requests that the pool took since the start
  double step_factor = 1;  ///< decode iterations as they are over as predicted, for what a mean batch hides

  /// Of a decode pool: compares the iterations since the last call with the prediction for their mean batch.
  void update_step_factor(const FleetPool& pool, const UnitRoster& roster, int index);
  /// From now on. True where a target that no number of units holds is missed for the first time.
  bool note_wanted(const WantedUnits& wanted, double now_s);
  /// The measured time starts, or is over.
  void start_measuring(double now_s);
  void stop_measuring(double now_s);

  /// Means over the measured time since there was a decision, in units; 0 without one.
  [[nodiscard]] double mean_by_work() const { return known_s_ > 0 ? by_work_s_ / known_s_ : 0; }
  [[nodiscard]] double mean_by_ttft() const { return known_s_ > 0 ? by_ttft_s_ / known_s_ : 0; }

 private:
  void add_up(double now_s);

  WantedUnits wanted_;
  bool known_ = false;
  bool missed_ = false;
  double since_s_ = 0;
  double known_s_ = 0;
  double by_work_s_ = 0;
  double by_ttft_s_ = 0;
  UnitTotals seen_;
};

/// Of a decode pool: ratio of the mean iteration in `later - earlier` to the prediction for its mean batch;
/// `before` where too few iterations were seen.
double measured_step_factor(const FleetPool& pool, const UnitTotals& later, const UnitTotals& earlier,
                            double before);

}  // namespace moesim
