#include "sim/serving/fleet/curves.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace moesim {
namespace {

constexpr std::size_t kPartPoints = 512;

std::size_t at(int pool) {
  return static_cast<std::size_t>(pool);
}

}  // namespace

Curves::Curves(const FleetScenario& scenario, double every_s, RecordSink& sink)
    : scenario_(scenario),
      every_s_(every_s),
      sink_(sink),
      seen_(scenario.pools.size()),
      intervals_(scenario.pools.size()),
      kv_of_stream_(scenario.pools.size()) {}

void Curves::Interval::restart() {
  held = {};
  ttft_s.clear();
  tpot_s.clear();
  prompts = input_tokens = cached_tokens = prompt_flops = 0;
}

void Curves::add_prompt(int pool, const InFlight& request) {
  if (!on()) return;
  Interval& interval = intervals_[at(pool)];
  interval.ttft_s.add(request.record.ttft_s());
  const auto input = static_cast<double>(request.request.input_tokens);
  const auto fresh = static_cast<double>(request.new_tokens);
  interval.prompts += 1;
  interval.input_tokens += input;
  interval.cached_tokens += input - fresh;
  const ModelWork& work = scenario_.pools[at(pool)].work;
  interval.prompt_flops += fresh * (work.prompt_token + work.prompt_pair * (input - fresh / 2));
}

void Curves::add_completed(int pool, const InFlight& request) {
  if (!on() || request.resident || request.record.output_tokens < 2) return;
  intervals_[at(pool)].tpot_s.add(request.record.tpot_s());
}

void Curves::sample(double now_s, const UnitRoster& roster, std::int64_t unsent) {
  const double passed = points_ > 0 ? now_s - last_s_ : 0;
  for (int i = 0; i < static_cast<int>(scenario_.pools.size()); ++i) {
    const FleetPool& pool = scenario_.pools[at(i)];
    add_state(i, now_s, roster, unsent);
    Interval& interval = intervals_[at(i)];
    const Counts now = counts(i, now_s, roster);
    add_change(interval.held, seen_[at(i)], now);
    seen_[at(i)] = now;
    add_steps(pool, interval.held, now_s);
    const std::vector<int>& units = roster.of_pool(i);
    add_requests(pool, interval, now_s, !units.empty() && roster[units.front()].cache.has_value());
    if (passed > 0) add_rates(pool, interval, now_s, passed);
    if (passed > 0) add_mfu(i, interval, now_s);
    interval.restart();
  }
  last_s_ = now_s;
  ++points_;
}

void Curves::finish(double now_s, const UnitRoster& roster, std::int64_t unsent) {
  if (points_ > 0 && now_s > last_s_ && (points_ == 1 || now_s - last_s_ >= every_s_ / 2))
    sample(now_s, roster, unsent);
  for (auto& [name, part] : parts_) {
    if (!part.time_s.empty()) sink_.add(part);
    part.time_s.clear();
    part.value.clear();
  }
}

void Curves::hold(double now_s, const UnitRoster& roster) {
  for (int i = 0; i < static_cast<int>(seen_.size()); ++i)
    add_change(intervals_[at(i)].held, seen_[at(i)], counts(i, now_s, roster));
}

void Curves::resume(double now_s, const UnitRoster& roster) {
  for (int i = 0; i < static_cast<int>(seen_.size()); ++i) seen_[at(i)] = counts(i, now_s, roster);
}

Curves::Counts Curves::counts(int pool, double now_s, const UnitRoster& roster) const {
  Counts sum;
  for (int unit : roster.of_pool(pool)) {
    const UnitTotals& totals = roster[unit].unit.totals();
    sum.busy_s += totals.busy_s;
    sum.experts_s += totals.step.experts;
    sum.imbalance_s += totals.step.expert_imbalance;
    sum.iterations += static_cast<double>(totals.iterations);
    sum.output_tokens += roster[unit].unit.output_tokens_at(now_s);
    sum.sequence_s += totals.sequence_seconds;
    sum.kv_token_s += totals.kv_token_seconds;
  }
  sum.unit_s = roster.allotment(pool, now_s).unit_s;
  return sum;
}

void Curves::add_change(Counts& sum, const Counts& before, const Counts& now) {
  sum.busy_s += now.busy_s - before.busy_s;
  sum.experts_s += now.experts_s - before.experts_s;
  sum.imbalance_s += now.imbalance_s - before.imbalance_s;
  sum.iterations += now.iterations - before.iterations;
  sum.output_tokens += now.output_tokens - before.output_tokens;
  sum.sequence_s += now.sequence_s - before.sequence_s;
  sum.kv_token_s += now.kv_token_s - before.kv_token_s;
  sum.unit_s += now.unit_s - before.unit_s;
}

void Curves::add_state(int pool, double now_s, const UnitRoster& roster, std::int64_t unsent) {
  const FleetPool& of = scenario_.pools[at(pool)];
  double waiting = of.spec.role == PoolRole::decode ? static_cast<double>(unsent) : 0;
  double running = 0;
  double used = 0;
  int allotted = 0;
  for (int unit : roster.of_pool(pool)) {
    if (!roster[unit].allotted()) continue;
    const UnitLoad load = roster[unit].unit.load();
    ++allotted;
    waiting += static_cast<double>(load.waiting);
    running += static_cast<double>(load.running);
    used += load.kv_used_fraction;
  }
  add(of.name, "queue", "requests", now_s, waiting);
  add(of.name, "running", "sequences", now_s, running);
  add(of.name, "kv_used_fraction", "1", now_s, allotted > 0 ? used / allotted : 0);
  add(of.name, "nodes", "nodes", now_s, allotted * of.nodes_per_unit);
}

void Curves::add_steps(const FleetPool& pool, const Counts& change, double now_s) {
  if (!(change.iterations > 0)) return;
  add(pool.name, "step_time", "s", now_s, change.busy_s / change.iterations);
  if (change.experts_s > 0)
    add(pool.name, "expert_time_over_balanced", "1", now_s, 1 + change.imbalance_s / change.experts_s);
}

void Curves::add_requests(const FleetPool& pool, const Interval& interval, double now_s, bool has_cache) {
  add_times(pool.name, "ttft", interval.ttft_s, now_s);
  add_times(pool.name, "tpot", interval.tpot_s, now_s);
  if (has_cache && interval.input_tokens > 0)
    add(pool.name, "prefix_hit_fraction", "1", now_s, interval.cached_tokens / interval.input_tokens);
}

void Curves::add_rates(const FleetPool& pool, const Interval& interval, double now_s, double passed) {
  if (pool.spec.role != PoolRole::decode)
    add(pool.name, "input_tokens_per_s", "tokens/s", now_s, interval.input_tokens / passed);
  if (pool.spec.role != PoolRole::prefill)
    add(pool.name, "output_tokens_per_s", "tokens/s", now_s,
        std::max(interval.held.output_tokens, 0.0) / passed);
}

/// Prompts count when they are done; of a colocated pool the first tokens are theirs.
void Curves::add_mfu(int pool, const Interval& interval, double now_s) {
  const Counts& change = interval.held;
  const FleetPool& of = scenario_.pools[at(pool)];
  const double most = of.work.unit_peak_flops_per_s * change.unit_s;
  if (!(most > 0)) return;
  if (change.sequence_s > 0) kv_of_stream_[at(pool)] = change.kv_token_s / change.sequence_s;
  double flops = interval.prompt_flops;
  if (of.spec.role != PoolRole::prefill) {
    const double decoded = std::max(change.output_tokens - interval.prompts, 0.0);
    flops += decoded * (of.work.output_token + of.work.kv_token * kv_of_stream_[at(pool)]);
  }
  add(of.name, "mfu", "1", now_s, flops / most);
}

void Curves::add_times(const std::string& pool, const std::string& what, const LogHistogram& times,
                       double now_s) {
  if (!(times.total() > 0)) return;
  add(pool, what + "_p50", "s", now_s, times.quantile(0.5));
  add(pool, what + "_p99", "s", now_s, times.quantile(0.99));
}

void Curves::add(const std::string& pool, const std::string& what, const char* unit, double now_s,
                 double value) {
  const std::string name = fmt::format("{}/{}", pool, what);
  Series& part = parts_[name];
  part.name = name;
  part.unit = unit;
  part.time_s.push_back(now_s);
  part.value.push_back(value);
  if (part.time_s.size() < kPartPoints) return;
  sink_.add(part);
  part.time_s.clear();
  part.value.clear();
}

}  // namespace moesim
