#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <span>
#include <vector>

namespace moesim {

/// How random experts are drawn: without replacement, with weights that fall as a power law over experts in
/// an order that the seed shuffles, and from at most `kept_groups` groups.
struct RoutingDraw {
  int experts = 256;
  int groups = 1;
  int kept_groups = 1;
  int top_k = 8;
  double exponent = 0;  ///< of the power law: 0 is uniform, public traces lie at 0.6 to 1.2

  auto operator<=>(const RoutingDraw&) const = default;
};

/// Experts of `tokens` tokens of one rank, [tokens, top_k], each token's distinct. The same for the same
/// seed and rank on every machine. Groups are kept by the best key among their experts.
std::vector<int> random_experts(const RoutingDraw& draw, int tokens, std::uint64_t seed, int rank);

/// random_experts() of one run, each drawn once: the tokens of a shorter draw are the first of a longer one.
class RoutingCache {
 public:
  /// As random_experts(); valid until the next call for the same draw, seed and rank.
  std::span<const int> experts(const RoutingDraw& draw, int tokens, std::uint64_t seed, int rank);

 private:
  struct Key {
    RoutingDraw draw;
    std::uint64_t seed;
    int rank;
    auto operator<=>(const Key&) const = default;
  };
  std::map<Key, std::vector<int>> drawn_;
};

/// Tokens of each expert, [num_experts].
std::vector<int> tokens_per_expert(std::span<const int> experts, int num_experts);

/// Tokens that reach each rank, [num_ranks]: once per token, however many experts it has there.
std::vector<int> tokens_per_rank(std::span<const int> experts, int top_k, int num_experts, int num_ranks);

/// The mean number of distinct groups of num_experts / num_groups neighbours that a token reaches.
double mean_distinct_groups(std::span<const int> experts, int top_k, int num_experts, int num_groups);

/// Its expectation where the experts of a token are a uniform draw without replacement:
/// groups (1 - C(experts - size, top_k) / C(experts, top_k)).
double expected_distinct_groups(int num_experts, int top_k, int num_groups);

}  // namespace moesim
