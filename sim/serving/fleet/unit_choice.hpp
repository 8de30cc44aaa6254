#pragma once

#include <cstdint>
#include <vector>

#include "sim/serving/fleet/unit_roster.hpp"
#include "sim/serving/fleet/unit_speed.hpp"
#include "workloads/requests/request.hpp"

namespace moesim {

/// Chooses units for prompts and for decoding. Only live ones are asked, and only where the request fits.
class UnitChoice {
 public:
  UnitChoice(const FleetScenario& scenario, UnitRoster& roster);

  /// Whether any pool could ever serve it, from its prompt to its end.
  [[nodiscard]] bool fits_somewhere(const Request& request);
  /// The prefill or colocated unit that takes the request by the fleet's routing; -1: none does now.
  [[nodiscard]] int for_prompt(const Request& request);
  /// The decode unit with room for the request's KV cache, fewest sequences in time first (or in turn); -1:
  /// none has room now.
  [[nodiscard]] int for_decode(const Request& request);

  [[nodiscard]] const UnitSpeed& speed(int pool) const { return speeds_[static_cast<std::size_t>(pool)]; }
  [[nodiscard]] bool has(PoolRole role) const { return !pools_[static_cast<std::size_t>(role)].empty(); }
  /// Pools of a role.
  [[nodiscard]] const std::vector<int>& pools(PoolRole role) const {
    return pools_[static_cast<std::size_t>(role)];
  }

 private:
  [[nodiscard]] bool fits(int pool, const Request& request);
  [[nodiscard]] bool fits_one(PoolRole role, const Request& request);
  /// A prompt in this pool, and all behind it, there or in a decode pool.
  [[nodiscard]] bool serves(int pool, const Request& request);
  [[nodiscard]] bool takes_prompt(int unit, const Request& request);
  [[nodiscard]] bool has_room(int unit, const Request& request) const;
  [[nodiscard]] int in_turn(const Request& request);
  [[nodiscard]] int least_loaded(const Request& request);
  [[nodiscard]] int by_cache(const Request& request);
  template <class Score>
  int best_for_prompt(const Request& request, Score score);

  const FleetScenario& scenario_;
  UnitRoster& roster_;
  std::vector<UnitSpeed> speeds_;  ///< [pools]
  std::vector<int> pools_[3];      ///< by role
  std::vector<int> prompt_pools_;  ///< prefill and colocated
  std::vector<double> capacity_;   ///< [pools] KV tokens of a unit
  int last_prompt_ = -1;           ///< unit of the last prompt, in turn
  int last_decode_ = -1;
  std::vector<std::pair<double, int>> scratch_;
};

}  // namespace moesim
