#include "sim/serving/experts/balanced_loads.hpp"

#include <algorithm>

namespace moesim {
namespace {

class BalancedLoads final : public ExpertLoads {
 public:
  explicit BalancedLoads(const ExpertGroups& groups) : groups_(groups) {}

  ExpertState state(double tokens, std::uint64_t /*unit*/, std::uint64_t /*draw*/) const override {
    return mean(tokens);
  }

  ExpertState mean(double tokens) const override {
    ExpertState state;
    if (groups_.num_slots == 0 || !(tokens > 0)) return state;
    const double rows = tokens * groups_.top_k / groups_.num_groups;  // of a group
    state.gpu_max_over_mean = std::max(1.0, 1 / rows);
    state.slots_touched = std::clamp(rows, 1.0, static_cast<double>(groups_.slots_per_group()));
    return state;
  }

 private:
  ExpertGroups groups_;
};

}  // namespace

std::shared_ptr<const ExpertLoads> make_balanced_loads(const ExpertGroups& groups) {
  return std::make_shared<BalancedLoads>(groups);
}

}  // namespace moesim
