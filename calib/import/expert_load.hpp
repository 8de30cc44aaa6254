#pragma once

#include <cstdint>
#include <map>
#include <tuple>
#include <vector>

namespace moesim {

/// What a benchmark of experts asks the GPU that it times to do. Counts are means over the draws of a random
/// load.
struct ExpertLoad {
  double rows = 0;      ///< of all experts of the GPU
  double touched = 0;   ///< experts that have rows
  double max_rows = 0;  ///< of the fullest
};

/// How a benchmark chooses experts: `tokens` of the whole group choose `top_k` of `experts`, which lie on
/// `ep` GPUs in equal blocks.
struct LoadRule {
  std::int64_t tokens = 0;
  std::int64_t experts = 0;
  std::int64_t top_k = 0;
  std::int64_t ep = 1;
};

/// Counts of all experts of one draw, [experts], as ai-dynamo/aiconfigurator makes them (collector/helper.py,
/// commit 095f58a): each expert draws a weight whose density falls as w^-alpha between 1 and 0.8 tokens (0.01
/// and 2 where there are no more rows than experts), counts are in proportion, rounded, at most `tokens`, and
/// corrected to tokens x top_k by steps of one, GPU by GPU, at the emptiest or fullest expert. The fullest
/// GPU's block comes first.
std::vector<std::int64_t> draw_power_law(const LoadRule& rule, double alpha, std::uint64_t draw);

/// The load of the first GPU, the fullest one, over 16 draws.
ExpertLoad power_law_load(const LoadRule& rule, double alpha);

/// Token t chooses t + i x stride modulo experts for i below top_k, with stride = experts / top_k rounded up;
/// fewer tokens than a stride spread over it. One GPU.
ExpertLoad balanced_load(const LoadRule& rule);

/// Either of them behind the gate of DeepSeek-V3, which keeps a token's choices in 4 of 8 groups of experts:
/// those of most choices (2 at most count), then the first. What is cut off goes to the first experts of its
/// first group that it has not chosen. One GPU; `alpha` 0 for the balanced load.
ExpertLoad group_limited_load(const LoadRule& rule, double alpha);

/// Loads that were asked for, as tables repeat them for every shape of weights.
class ExpertLoads {
 public:
  /// By group_limited_load(), balanced_load() (`alpha` 0) or power_law_load().
  const ExpertLoad& load(const LoadRule& rule, double alpha, bool group_limited);

 private:
  using Key = std::tuple<std::int64_t, std::int64_t, std::int64_t, std::int64_t, double, bool>;
  std::map<Key, ExpertLoad> known_;
};

}  // namespace moesim
