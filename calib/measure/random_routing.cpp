#include "calib/measure/random_routing.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

#include "base/math.hpp"
#include "base/random.hpp"

namespace moesim {
namespace {

using Index = std::size_t;

/// One over the weight of every expert, [experts].
std::vector<double> inverse_weights(const RoutingDraw& draw, std::uint64_t seed) {
  std::vector<int> order(static_cast<Index>(draw.experts));
  std::iota(order.begin(), order.end(), 0);
  RandomStream random(seed, stream_of("expert_popularity"));
  for (Index i = order.size(); i > 1; --i) std::swap(order[i - 1], order[random.below(i)]);
  std::vector<double> inverse(order.size());
  for (Index i = 0; i < order.size(); ++i)
    inverse[static_cast<Index>(order[i])] = exp_det(draw.exponent * log_det(static_cast<double>(i) + 1));
  return inverse;
}

/// Raises the keys of the groups that are not kept above all others.
void drop_groups(const RoutingDraw& draw, std::vector<double>& keys) {
  if (draw.kept_groups >= draw.groups) return;
  const Index size = keys.size() / static_cast<Index>(draw.groups);
  std::vector<std::pair<double, Index>> best;
  for (Index g = 0; g < static_cast<Index>(draw.groups); ++g) {
    const auto first = keys.begin() + static_cast<std::ptrdiff_t>(g * size);
    best.emplace_back(*std::min_element(first, first + static_cast<std::ptrdiff_t>(size)), g);
  }
  std::sort(best.begin(), best.end());
  for (Index i = static_cast<Index>(draw.kept_groups); i < best.size(); ++i)
    for (Index e = 0; e < size; ++e) keys[best[i].second * size + e] = 1e300;
}

}  // namespace

std::vector<int> random_experts(const RoutingDraw& draw, int tokens, std::uint64_t seed, int rank) {
  const auto inverse = inverse_weights(draw, seed);
  const StreamKey stream(seed, stream_of("random_experts"));
  std::vector<double> keys(inverse.size());
  std::vector<int> order(inverse.size());
  std::vector<int> experts;
  experts.reserve(static_cast<Index>(tokens) * static_cast<Index>(draw.top_k));
  for (int t = 0; t < tokens; ++t) {
    RandomStream random(stream, (static_cast<std::uint64_t>(rank) << 32U) + static_cast<std::uint64_t>(t));
    for (Index e = 0; e < keys.size(); ++e) {
      const double u = random.uniform_open();
      keys[e] = draw.exponent == 0 ? u : -log_det(u) * inverse[e];
    }
    drop_groups(draw, keys);
    std::iota(order.begin(), order.end(), 0);
    std::partial_sort(order.begin(), order.begin() + draw.top_k, order.end(), [&](int a, int b) {
      return std::pair(keys[static_cast<Index>(a)], a) < std::pair(keys[static_cast<Index>(b)], b);
    });
    experts.insert(experts.end(), order.begin(), order.begin() + draw.top_k);
  }
  return experts;
}

std::span<const int> RoutingCache::experts(const RoutingDraw& draw, int tokens, std::uint64_t seed,
                                           int rank) {
  std::vector<int>& drawn = drawn_[{draw, seed, rank}];
  const Index wanted = static_cast<Index>(tokens) * static_cast<Index>(draw.top_k);
  if (drawn.size() < wanted) drawn = random_experts(draw, tokens, seed, rank);
  return std::span<const int>(drawn).first(wanted);
}

std::vector<int> tokens_per_expert(std::span<const int> experts, int num_experts) {
  std::vector<int> counts(static_cast<Index>(num_experts));
  for (int e : experts) ++counts[static_cast<Index>(e)];
  return counts;
}

std::vector<int> tokens_per_rank(std::span<const int> experts, int top_k, int num_experts, int num_ranks) {
  std::vector<int> counts(static_cast<Index>(num_ranks));
  std::vector<Index> last(static_cast<Index>(num_ranks));  // one past the last token that was counted
  const int per_rank = num_experts / num_ranks;
  for (Index i = 0; i < experts.size(); ++i) {
    const auto rank = static_cast<Index>(experts[i] / per_rank);
    const Index token = i / static_cast<Index>(top_k) + 1;
    if (last[rank] != token) ++counts[rank];
    last[rank] = token;
  }
  return counts;
}

double mean_distinct_groups(std::span<const int> experts, int top_k, int num_experts, int num_groups) {
  const auto reached = tokens_per_rank(experts, top_k, num_experts, num_groups);
  const double tokens = static_cast<double>(experts.size()) / top_k;
  return std::accumulate(reached.begin(), reached.end(), 0.0) / tokens;
}

double expected_distinct_groups(int num_experts, int top_k, int num_groups) {
  const int size = num_experts / num_groups;
  double none = 1;  // that none of the top_k falls into one group
  for (int i = 0; i < top_k; ++i)
    none *= std::max(0.0, static_cast<double>(num_experts - size - i)) / (num_experts - i);
  return num_groups * (1 - none);
}

}  // namespace moesim
