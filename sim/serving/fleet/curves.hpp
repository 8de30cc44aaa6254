#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "sim/results/record_sink.hpp"
#include "sim/serving/fleet/unit_roster.hpp"

namespace moesim {

/// Curves of each pool over time, given to a sink in parts: waiting requests, running sequences, used share
/// of the KV cache, nodes, the mean iteration since the last point and its expert load.
class Curves {
 public:
  /// `every_s` 0: none. What is referred to outlives it.
  Curves(const FleetScenario& scenario, double every_s, RecordSink& sink);

  [[nodiscard]] bool on() const { return every_s_ > 0; }
  [[nodiscard]] double every_s() const { return every_s_; }
  /// A point of every curve. Looks at the units without moving them. `unsent`: prompts done that wait for a
  /// decode unit.
  void sample(double now_s, const UnitRoster& roster, std::int64_t unsent);
  /// Totals of units start anew.
  void forget() { seen_.assign(seen_.size(), {}); }
  /// Gives the sink what is held.
  void flush();

 private:
  struct Seen {
    double busy_s = 0;
    double experts_s = 0;
    double imbalance_s = 0;
    std::int64_t iterations = 0;
  };
  void add(const std::string& pool, const char* what, const char* unit, double now_s, double value);
  void add_steps(const FleetPool& pool, Seen& before, const Seen& now, double now_s);

  const FleetScenario& scenario_;
  double every_s_;
  RecordSink& sink_;
  std::map<std::string, Series> parts_;
  std::vector<Seen> seen_;  ///< [pools]
};

}  // namespace moesim
