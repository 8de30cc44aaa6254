#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "sim/planner/capacity/drawn_fleets.hpp"
#include "sim/planner/capacity/load_margin.hpp"

namespace moesim {

/// What a fleet is sized for.
struct SizingOptions {
  std::vector<SloTarget> slo;
  std::optional<int> gpus_max;  ///< absent: what the clusters have
  int num_draws = 64;           ///< 0: the stated values alone
  int threads = 1;
  std::function<void(double fraction, std::string_view what)> progress;  ///< may be empty
};

/// Units that hold the SLO.
struct Sizes {
  Units stated;  ///< with every input as stated
  Units p50;     ///< in at least half of the draws; `stated` without draws
  Units p90;     ///< in at least 90 % of the draws; `stated` without draws
};

/// A fleet that was played with every input as stated.
struct StatedTrial {
  Units units;
  double load = 1;
  std::vector<TargetOutcome> targets;
};

/// A fleet that was looked at in the draws.
struct DrawTrial {
  Units units;
  int wanted = 0;  ///< draws that must hold
  bool holds = false;
  int holding = 0;  ///< draws known to hold then
};

/// The fleet of a cost that is asked for, with how far its traffic may grow.
struct SizedFleet {
  Sizes sizes;
  FleetTrial trial;  ///< of the p90 size, with every input as stated
  LoadMargin margin;
};

/// Sizes one layout of the pools.
class FleetSizer {
 public:
  /// Throws SpecError for a workload that grows with the fleet, for targets that no pool has, and for fewer
  /// GPUs than one unit of each pool. What is referred to outlives this.
  FleetSizer(const ServingInputs& inputs, const SizingOptions& options);

  /// The fleet of the least cost; `cost` is of one unit of each pool. Throws SpecError where none holds the
  /// SLO, with the targets that are missed and by how much, or needs more GPUs than there may be.
  SizedFleet size(std::span<const double> cost);

  /// Frees the inputs of the draws.
  void forget_inputs() { draws_.forget_inputs(); }
  [[nodiscard]] std::vector<double> gpus_per_unit() const;
  [[nodiscard]] std::vector<double> dollars_per_unit_s() const;
  [[nodiscard]] const std::vector<StatedTrial>& trials() const { return trials_; }
  [[nodiscard]] const std::vector<DrawTrial>& draw_trials() const { return draw_trials_; }
  [[nodiscard]] std::int64_t num_simulations() const;
  [[nodiscard]] std::uint64_t num_operations() const { return num_operations_; }
  [[nodiscard]] std::size_t num_drawn_inputs() const { return draws_.num_inputs(); }

 private:
  void check_targets() const;
  [[nodiscard]] UnitSpace space() const;
  FleetTrial play(const Units& units, double load);
  Units cheapest(std::span<const double> cost, const Units& start, const Holds& holds, const char* level);
  Units drawn(std::span<const double> cost, const Units& start, double share, const char* level);
  [[noreturn]] void refuse_slo(const Units& largest, const char* level);
  [[noreturn]] void refuse_size(const Units& sufficient, const char* level) const;

  const ServingInputs& inputs_;
  const SizingOptions& options_;
  CapacityRequests requests_;
  DrawnFleets draws_;
  UnitSpace space_;
  MonotoneHolds stated_;
  std::vector<StatedTrial> trials_;
  std::vector<DrawTrial> draw_trials_;
  std::uint64_t num_operations_ = 0;
};

}  // namespace moesim
