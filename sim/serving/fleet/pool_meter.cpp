#include "sim/serving/fleet/pool_meter.hpp"

#include <algorithm>
#include <utility>

#include "sim/serving/fleet/unit_speed.hpp"

namespace moesim {
namespace {

constexpr double kFewIterations = 20;

}  // namespace

double measured_step_factor(const FleetPool& pool, const UnitTotals& later, const UnitTotals& earlier,
                            double before) {
  const auto iterations = static_cast<double>(later.decode_iterations - earlier.decode_iterations);
  const double streams_s = later.sequence_seconds - earlier.sequence_seconds;
  if (iterations < kFewIterations || streams_s <= 0) return before;
  const double streams = (later.sequence_iterations - earlier.sequence_iterations) / iterations;
  const double kv = (later.kv_token_seconds - earlier.kv_token_seconds) / streams_s;
  const double predicted = mean_step_s(pool, decode_batch(pool, streams, kv));
  const double mean = (later.step.total() - earlier.step.total()) / iterations;
  return std::clamp(mean / predicted, 0.5, 2.0);
}

void PoolMeter::update_step_factor(const FleetPool& pool, const UnitRoster& roster, int index) {
  if (pool.spec.role != PoolRole::decode) return;  // of the others iterations hold prompts too
  UnitTotals now;
  for (int unit : roster.of_pool(index)) now.add(roster[unit].unit.totals());
  step_factor = measured_step_factor(pool, now, seen_, step_factor);
  seen_ = std::move(now);
}

bool PoolMeter::note_wanted(const WantedUnits& wanted, double now_s) {
  add_up(now_s);
  wanted_ = wanted;
  known_ = true;
  const bool first = !wanted.missed.empty() && !missed_;
  missed_ = missed_ || first;
  return first;
}

void PoolMeter::start_measuring(double now_s) {
  since_s_ = now_s;
  known_s_ = by_work_s_ = by_ttft_s_ = 0;
  seen_ = {};
}

void PoolMeter::stop_measuring(double now_s) {
  add_up(now_s);
}

void PoolMeter::add_up(double now_s) {
  if (known_) {
    const double passed = now_s - since_s_;
    known_s_ += passed;
    by_work_s_ += wanted_.by_work * passed;
    by_ttft_s_ += wanted_.by_ttft * passed;
  }
  since_s_ = now_s;
}

}  // namespace moesim
