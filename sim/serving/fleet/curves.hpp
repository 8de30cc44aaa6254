#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "sim/results/record_sink.hpp"
#include "sim/serving/fleet/in_flight.hpp"
#include "sim/serving/fleet/unit_roster.hpp"

namespace moesim {

/// Curves of each pool over time, given to a sink in parts (docs/metrics.md names them). What is there at a
/// point: waiting requests, running sequences, used share of the KV cache, nodes. Over the time since the
/// point before: tokens in and out a second, TTFT and TPOT, prefix hits, MFU, the mean iteration and its
/// expert load. Memory does not grow with the number of requests or points.
class Curves {
 public:
  /// `every_s` 0: none. What is referred to outlives it.
  Curves(const FleetScenario& scenario, double every_s, RecordSink& sink);

  [[nodiscard]] bool on() const { return every_s_ > 0; }
  [[nodiscard]] double every_s() const { return every_s_; }
  /// A prompt of the pool is done. Cost: about 10 ns, as that of the next.
  void add_prompt(int pool, const InFlight& request);
  /// A request is complete that the pool decoded.
  void add_completed(int pool, const InFlight& request);
  /// A point of every curve. Looks at the units without moving them. `unsent`: prompts done that wait for a
  /// decode unit.
  void sample(double now_s, const UnitRoster& roster, std::int64_t unsent);
  /// The end: the point of what is left, unless that is less than half of the time between two points, and
  /// gives the sink what is held.
  void finish(double now_s, const UnitRoster& roster, std::int64_t unsent);
  /// Around what makes totals of units start anew: what they counted so far is kept, then they are read
  /// again.
  void hold(double now_s, const UnitRoster& roster);
  void resume(double now_s, const UnitRoster& roster);

 private:
  /// Sums over the units of a pool.
  struct Counts {
    double busy_s = 0;
    double experts_s = 0;
    double imbalance_s = 0;
    double iterations = 0;
    double output_tokens = 0;
    double sequence_s = 0;
    double kv_token_s = 0;
    double unit_s = 0;  ///< allotted
  };
  /// What happened in a pool since the last point.
  struct Interval {
    Counts held;
    LogHistogram ttft_s;
    LogHistogram tpot_s;
    double prompts = 0;
    double input_tokens = 0;
    double cached_tokens = 0;
    double prompt_flops = 0;
    void restart();
  };
  [[nodiscard]] Counts counts(int pool, double now_s, const UnitRoster& roster) const;
  static void add_change(Counts& sum, const Counts& before, const Counts& now);
  void add_state(int pool, double now_s, const UnitRoster& roster, std::int64_t unsent);
  void add_steps(const FleetPool& pool, const Counts& change, double now_s);
  void add_requests(const FleetPool& pool, const Interval& interval, double now_s, bool has_cache);
  void add_rates(const FleetPool& pool, const Interval& interval, double now_s, double passed);
  void add_mfu(int pool, const Interval& interval, double now_s);
  void add_times(const std::string& pool, const std::string& what, const LogHistogram& times, double now_s);
  void add(const std::string& pool, const std::string& what, const char* unit, double now_s, double value);

  const FleetScenario& scenario_;
  double every_s_;
  RecordSink& sink_;
  double last_s_ = 0;  ///< of the last point
  std::int64_t points_ = 0;
  std::map<std::string, Series> parts_;
  std::vector<Counts> seen_;          ///< [pools], at the last point or resume()
  std::vector<Interval> intervals_;   ///< [pools]
  std::vector<double> kv_of_stream_;  ///< [pools], KV tokens of a decoding sequence, the last that are known
};

}  // namespace moesim
