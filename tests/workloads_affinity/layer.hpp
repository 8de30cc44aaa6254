#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <numeric>
#include <span>
#include <vector>

#include "workloads/affinity/affinity_source.hpp"

namespace moesim::test {

inline constexpr std::uint64_t kSeed = 7;

inline std::shared_ptr<const NoisePool> pool_of(int num_experts) {
  return std::make_shared<const NoisePool>(num_experts, kSeed);
}

/// A layer whose noise comes from a pool.
inline LayerAffinities layer_of(const AffinitySpec& spec, int num_experts,
                                BatchMode mode = BatchMode::training, int layer = 0) {
  return {spec, num_experts, kSeed, layer, pool_of(num_experts), mode};
}

inline std::vector<float> logits_of(const LayerAffinities& layer, std::int64_t first, std::size_t n) {
  std::vector<float> logits(n * static_cast<std::size_t>(layer.num_experts()));
  layer.logits(first, n, logits);
  return logits;
}

struct Moments {
  double mean = 0;
  double variance = 0;
};

template <class Values>
Moments moments_of(const Values& values) {
  Moments moments;
  for (const auto x : values) moments.mean += static_cast<double>(x);
  moments.mean /= static_cast<double>(values.size());
  for (const auto x : values) {
    const double d = static_cast<double>(x) - moments.mean;
    moments.variance += d * d;
  }
  moments.variance /= static_cast<double>(values.size());
  return moments;
}

/// The logits of one expert for `n` tokens.
inline std::vector<float> column_of(std::span<const float> logits, std::size_t num_experts,
                                    std::size_t expert) {
  std::vector<float> column;
  for (std::size_t at = expert; at < logits.size(); at += num_experts) column.push_back(logits[at]);
  return column;
}

inline std::size_t favourite(std::span<const float> row) {
  return static_cast<std::size_t>(std::max_element(row.begin(), row.end()) - row.begin());
}

/// Tokens among whose top_k greatest logits an expert is, [num_experts].
inline std::vector<std::int64_t> top_k_counts(std::span<const float> logits, std::size_t num_experts,
                                              std::size_t top_k) {
  std::vector<std::int64_t> counts(num_experts, 0);
  std::vector<std::size_t> order(num_experts);
  for (std::size_t at = 0; at < logits.size(); at += num_experts) {
    const auto row = logits.subspan(at, num_experts);
    std::iota(order.begin(), order.end(), 0U);
    std::nth_element(
        order.begin(), order.begin() + static_cast<std::ptrdiff_t>(top_k - 1), order.end(),
        [&](std::size_t a, std::size_t b) { return row[a] != row[b] ? row[a] > row[b] : a < b; });
    for (std::size_t i = 0; i < top_k; ++i) ++counts[order[i]];
  }
  return counts;
}

/// (greatest - mean) / mean.
inline double max_violation(std::span<const std::int64_t> counts) {
  const auto greatest = static_cast<double>(*std::max_element(counts.begin(), counts.end()));
  const auto sum = static_cast<double>(std::accumulate(counts.begin(), counts.end(), std::int64_t{0}));
  return greatest * static_cast<double>(counts.size()) / sum - 1;
}

}  // namespace moesim::test
