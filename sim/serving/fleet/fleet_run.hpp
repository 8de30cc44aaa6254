#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <vector>

#include "sim/serving/fleet/arrivals.hpp"
#include "sim/serving/fleet/curves.hpp"
#include "sim/serving/fleet/fleet.hpp"
#include "sim/serving/fleet/in_flight.hpp"
#include "sim/serving/fleet/pool_meter.hpp"
#include "sim/serving/fleet/request_spans.hpp"
#include "sim/serving/fleet/run_span.hpp"
#include "sim/serving/fleet/scaling.hpp"
#include "sim/serving/fleet/timers.hpp"
#include "sim/serving/fleet/unit_choice.hpp"
#include "sim/serving/fleet/unit_roster.hpp"
#include "sim/serving/fleet/warm_start.hpp"

namespace moesim {

/// One stretch of time of a fleet, played event by event in order of (time, kind, index): timers, units,
/// landings of KV caches, arrivals. Single-threaded; the same inputs give the same result.
class FleetRun {
 public:
  /// What is referred to outlives the run.
  FleetRun(const FleetScenario& scenario, const RunSpan& span, RequestSink& requests, RecordSink& sink);
  FleetResult play(const FleetOptions& options);

 private:
  // fleet_run.cpp: the loop
  bool step();
  void play_timer(const Timer& timer);
  void play_unit(int unit);
  [[nodiscard]] bool finished() const;
  // fleet_begin.cpp: the first units and what runs on them
  void begin();
  void begin_pool(int pool, const LookAhead& ahead);
  int first_units(int pool, const LookAhead& ahead);
  [[nodiscard]] double first_share(int pool, const Demand& demand) const;
  void place(int unit, SequenceWork work);
  // fleet_scaling.cpp: units come, go and fail
  void schedule_tick(int pool);
  void scaling_tick(int pool);
  [[nodiscard]] double share_of(int pool) const;
  void set_units(int pool, int units);
  void note_wanted(int pool, const WantedUnits& wanted);
  void unit_ready(const Timer& timer);
  void fail(const NodeFailure& failure);
  std::vector<std::int64_t> lose_requests(int unit);
  // fleet_arrivals.cpp: requests come, are routed, go
  void arrive();
  void send_next();
  void fill_closed_loop();
  /// Every request of a closed loop was rejected: it sends no more, which would go on for ever.
  [[nodiscard]] bool gave_up() const;
  [[nodiscard]] std::int64_t loop_target() const;
  [[nodiscard]] std::int64_t loop_target(int pool) const;
  [[nodiscard]] bool prompts_wanted() const;
  std::int64_t admit();
  void route(std::int64_t slot);
  bool try_route(std::int64_t slot);
  void submit_prompt(std::int64_t slot, int unit);
  void route_waiting();
  void reject(std::int64_t slot);
  void finish(std::int64_t slot);
  void leave(std::int64_t slot);
  // fleet_events.cpp: what units report, KV caches on their way
  void on_event(int unit, const UnitEvent& event);
  void on_first_token(int unit, std::int64_t slot);
  void on_completed(int unit, std::int64_t slot);
  bool try_transfer(std::int64_t slot);
  void assign_decode(std::int64_t slot, int unit);
  void transfer_waiting();
  void land(std::int64_t slot);
  void begin_decode(std::int64_t slot, int unit);
  void settle(int unit);
  void withdraw(std::int64_t slot);
  void end_prompt(std::int64_t slot);
  // fleet_result.cpp
  void start_measuring();
  void stop_measuring();
  void report_unfinished();
  void audit() const;  ///< with nobody in flight no unit counts anything
  [[nodiscard]] FleetResult result();
  [[nodiscard]] PoolResult pool_result(int pool);

  const FleetScenario& scenario_;
  RunSpan span_;
  RequestSink& requests_;
  RecordSink& sink_;
  Arrivals arrivals_;
  UnitRoster roster_;
  UnitChoice choice_;
  std::vector<PoolMeter> meters_;  ///< [pools]
  Curves curves_;
  RequestSpans spans_;
  InFlightSlots slots_;
  Timers timers_;
  std::deque<std::int64_t> unrouted_;
  std::deque<std::int64_t> unsent_;
  std::vector<UnitEvent> events_;  ///< scratch
  Request incoming_;               ///< scratch
  bool closed_ = false;
  bool prompts_alone_ = false;     ///< saturated, and no pool decodes: kept full by waiting prompts
  bool measured_ = false;          ///< the measured time is over
  std::int64_t replacements_ = 0;  ///< of a closed loop, on their way
  std::int64_t sent_ = 0;          ///< of a closed loop
  double now_ = 0;
  double progress_s_ = 0;  ///< when a request last moved
  FleetResult counts_;
};

}  // namespace moesim
