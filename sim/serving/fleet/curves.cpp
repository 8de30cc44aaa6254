#include "sim/serving/fleet/curves.hpp"

#include <fmt/format.h>

#include <utility>

namespace moesim {
namespace {

constexpr std::size_t kPartPoints = 512;

}  // namespace

Curves::Curves(const FleetScenario& scenario, double every_s, RecordSink& sink)
    : scenario_(scenario), every_s_(every_s), sink_(sink), seen_(scenario.pools.size()) {}

void Curves::sample(double now_s, const UnitRoster& roster, std::int64_t unsent) {
  for (std::size_t i = 0; i < scenario_.pools.size(); ++i) {
    const FleetPool& pool = scenario_.pools[i];
    Seen now;
    double waiting = pool.spec.role == PoolRole::decode ? static_cast<double>(unsent) : 0;
    double running = 0;
    double used = 0;
    int allotted = 0;
    for (int unit : roster.of_pool(static_cast<int>(i))) {
      const UnitTotals& totals = roster[unit].unit.totals();
      now.busy_s += totals.busy_s;
      now.experts_s += totals.step.experts;
      now.imbalance_s += totals.step.expert_imbalance;
      now.iterations += totals.iterations;
      if (!roster[unit].allotted()) continue;
      const UnitLoad load = roster[unit].unit.load();
      ++allotted;
      waiting += static_cast<double>(load.waiting);
      running += static_cast<double>(load.running);
      used += load.kv_used_fraction;
    }
    add(pool.name, "queue", "requests", now_s, waiting);
    add(pool.name, "running", "sequences", now_s, running);
    add(pool.name, "kv_used_fraction", "1", now_s, allotted > 0 ? used / allotted : 0);
    add(pool.name, "nodes", "nodes", now_s, allotted * pool.nodes_per_unit);
    add_steps(pool, seen_[i], now, now_s);
  }
}

void Curves::add_steps(const FleetPool& pool, Seen& before, const Seen& now, double now_s) {
  if (now.iterations > before.iterations) {
    const double busy = now.busy_s - before.busy_s;
    add(pool.name, "step_time", "s", now_s, busy / static_cast<double>(now.iterations - before.iterations));
    const double experts = now.experts_s - before.experts_s;
    if (experts > 0)
      add(pool.name, "expert_time_over_balanced", "1", now_s,
          1 + (now.imbalance_s - before.imbalance_s) / experts);
  }
  before = now;
}

void Curves::add(const std::string& pool, const char* what, const char* unit, double now_s, double value) {
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

void Curves::flush() {
  for (auto& [name, part] : parts_) {
    if (!part.time_s.empty()) sink_.add(part);
    part.time_s.clear();
    part.value.clear();
  }
}

}  // namespace moesim
