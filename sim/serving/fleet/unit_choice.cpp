#include "sim/serving/fleet/unit_choice.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

namespace moesim {

UnitChoice::UnitChoice(const FleetScenario& scenario, UnitRoster& roster)
    : scenario_(scenario), roster_(roster) {
  for (std::size_t i = 0; i < scenario.pools.size(); ++i) {
    const FleetPool& pool = scenario.pools[i];
    pools_[static_cast<std::size_t>(pool.spec.role)].push_back(static_cast<int>(i));
    if (pool.spec.role != PoolRole::decode) prompt_pools_.push_back(static_cast<int>(i));
    speeds_.push_back(unit_speed(pool));
    capacity_.push_back(kv_capacity_tokens(pool));
  }
}

bool UnitChoice::fits(int pool, const Request& request) {
  const FleetPool& asked = scenario_.pools[static_cast<std::size_t>(pool)];
  const std::int64_t output = asked.spec.role == PoolRole::prefill ? 1 : request.output_tokens;
  if (asked.spec.max_context && request.input_tokens + request.output_tokens > *asked.spec.max_context)
    return false;
  const std::vector<int>& units = roster_.of_pool(pool);
  return !units.empty() && roster_[units.front()].unit.can_ever_hold(request.input_tokens, output);
}

bool UnitChoice::fits_one(PoolRole role, const Request& request) {
  const std::vector<int>& asked = pools(role);
  return std::any_of(asked.begin(), asked.end(), [&](int pool) { return fits(pool, request); });
}

bool UnitChoice::serves(int pool, const Request& request) {
  if (!fits(pool, request)) return false;
  const PoolRole role = scenario_.pools[static_cast<std::size_t>(pool)].spec.role;
  return role != PoolRole::prefill || !has(PoolRole::decode) || fits_one(PoolRole::decode, request);
}

bool UnitChoice::fits_somewhere(const Request& request) {
  if (prompt_pools_.empty()) return fits_one(PoolRole::decode, request);
  return std::any_of(prompt_pools_.begin(), prompt_pools_.end(),
                     [&](int pool) { return serves(pool, request); });
}

bool UnitChoice::takes_prompt(int unit, const Request& request) {
  const FleetUnit& asked = roster_[unit];
  if (asked.phase != UnitPhase::live) return false;
  // Finished prompts that wait for a decode unit keep their blocks.
  const double kept = static_cast<double>(asked.held_tokens + asked.prompt_kv_tokens + request.input_tokens);
  return asked.held_tokens == 0 || kept <= capacity_[static_cast<std::size_t>(asked.pool)];
}

template <class Score>
int UnitChoice::best_for_prompt(const Request& request, Score score) {
  int best = -1;
  std::tuple<double, double, std::int64_t, int> least{};
  for (int pool : prompt_pools_) {
    if (prompt_pools_.size() > 1 && !serves(pool, request)) continue;
    for (int unit : roster_.of_pool(pool)) {
      if (!takes_prompt(unit, request)) continue;
      const FleetUnit& asked = roster_[unit];
      const UnitSpeed& speed = speeds_[static_cast<std::size_t>(pool)];
      const std::tuple<double, double, std::int64_t, int> own{
          score(asked, speed), static_cast<double>(asked.sequences) * speed.decode_s_per_sequence,
          asked.prompts_given, unit};
      if (best < 0 || own < least) {
        best = unit;
        least = own;
      }
    }
  }
  return best;
}

int UnitChoice::least_loaded(const Request& request) {
  return best_for_prompt(request,
                         [](const FleetUnit& unit, const UnitSpeed& /*speed*/) { return unit.waiting_s; });
}

int UnitChoice::by_cache(const Request& request) {
  return best_for_prompt(request, [&](const FleetUnit& unit, const UnitSpeed& speed) {
    const std::int64_t cached = unit.cache ? unit.cache->find(request).total() : 0;
    return unit.waiting_s + speed.prompt_s(request.input_tokens - cached, cached);
  });
}

int UnitChoice::in_turn(const Request& request) {
  const int count = roster_.size();
  for (int step = 1; step <= count; ++step) {
    const int unit = (last_prompt_ + step) % count;
    const int pool = roster_[unit].pool;
    const bool for_prompts = roster_.pool_of(unit).spec.role != PoolRole::decode;
    if (!for_prompts || !takes_prompt(unit, request) || !serves(pool, request)) continue;
    last_prompt_ = unit;
    return unit;
  }
  return -1;
}

int UnitChoice::for_prompt(const Request& request) {
  using Rule = int (UnitChoice::*)(const Request&);
  static constexpr std::pair<ArrivalRouting, Rule> kRules[] = {
      {ArrivalRouting::round_robin, &UnitChoice::in_turn},
      {ArrivalRouting::least_loaded, &UnitChoice::least_loaded},
      {ArrivalRouting::kv_aware, &UnitChoice::by_cache}};
  for (const auto& [routing, rule] : kRules) {
    if (routing == scenario_.policy.arrival_routing) return (this->*rule)(request);
  }
  return -1;
}

bool UnitChoice::has_room(int unit, const Request& request) const {
  const FleetUnit& asked = roster_[unit];
  const double capacity = capacity_[static_cast<std::size_t>(asked.pool)];
  const double used = asked.unit.load().kv_used_fraction * capacity;
  return used + static_cast<double>(asked.coming_tokens + request.input_tokens + 1) <= capacity;
}

int UnitChoice::for_decode(const Request& request) {
  const bool turns = scenario_.policy.arrival_routing == ArrivalRouting::round_robin;
  scratch_.clear();
  for (int pool : pools(PoolRole::decode)) {
    if (pools(PoolRole::decode).size() > 1 && !fits(pool, request)) continue;
    const std::int64_t most = max_sequences(scenario_.pools[static_cast<std::size_t>(pool)]);
    const double speed = speeds_[static_cast<std::size_t>(pool)].decode_s_per_sequence;
    for (int unit : roster_.of_pool(pool)) {
      const FleetUnit& asked = roster_[unit];
      if (asked.phase != UnitPhase::live || asked.sequences >= most) continue;
      const int distance = (unit - last_decode_ - 1 + roster_.size()) % roster_.size();
      scratch_.emplace_back(turns ? distance : static_cast<double>(asked.sequences) * speed, unit);
    }
  }
  while (!scratch_.empty()) {
    const auto least = std::min_element(scratch_.begin(), scratch_.end());
    if (has_room(least->second, request)) return last_decode_ = least->second;
    scratch_.erase(least);
  }
  return -1;
}

}  // namespace moesim
