#include "sim/serving/experts/pool_batch.hpp"

#include <algorithm>
#include <cmath>

#include "base/math.hpp"

namespace moesim {
namespace {

/// Binomial: by inversion for small means, else a rounded normal.
double draw_count(double tokens, double chance, RandomStream& random) {
  const double mean = tokens * chance;
  constexpr double kSmall = 24;
  if (tokens < 1 || chance <= 0) return 0;
  if (chance >= 1) return tokens;
  if (mean > kSmall && tokens - mean > kSmall) {
    const double deviation = std::sqrt(mean * (1 - chance));
    return std::clamp(std::round(mean + deviation * random.normal()), 0.0, tokens);
  }
  double left = random.uniform();
  double probability = exp_det(tokens * log_det(1 - chance));
  double count = 0;
  const double odds = chance / (1 - chance);
  while (left > probability && count < tokens) {
    left -= probability;
    probability *= odds * (tokens - count) / (count + 1);
    ++count;
  }
  return count;
}

/// Share of an expert's tokens that go to each node, [num_experts, num_nodes].
std::vector<double> node_shares(const ExpertPlacement& placement) {
  const std::vector<int> replicas = replica_counts(placement);
  const auto num_nodes = static_cast<std::size_t>(placement.num_nodes());
  std::vector<double> shares(replicas.size() * num_nodes);
  for (int slot = 0; slot < placement.num_slots(); ++slot) {
    const auto expert = static_cast<std::size_t>(placement.slot_expert[static_cast<std::size_t>(slot)]);
    shares[expert * num_nodes + static_cast<std::size_t>(placement.node_of(slot))] += 1.0 / replicas[expert];
  }
  return shares;
}

}  // namespace

PoolBatches::PoolBatches(const RoutedPool& pool, const ExpertPlacement& placement,
                         std::int64_t document_tokens)
    : pool_(pool),
      document_tokens_(document_tokens),
      num_nodes_(static_cast<std::size_t>(placement.num_nodes())),
      frequency_(pool.chances.size()) {
  for (const std::uint16_t expert : pool.experts)
    frequency_[expert] += 1.0 / static_cast<double>(pool.size());
  if (num_nodes_ == 1) return;
  find_reach(placement);
  find_node_means(placement);
}

void PoolBatches::find_reach(const ExpertPlacement& placement) {
  const std::vector<double> shares = node_shares(placement);
  node_of_pool_.assign(num_nodes_, 0);
  reach_.resize(pool_.size() * num_nodes_);
  std::vector<double> missed(num_nodes_);
  for (std::size_t token = 0; token < pool_.size(); ++token) {
    std::ranges::fill(missed, 1.0);
    for (const std::uint16_t expert : pool_.of_token(token)) {
      for (std::size_t node = 0; node < num_nodes_; ++node)
        missed[node] *= 1 - shares[expert * num_nodes_ + node];
    }
    for (std::size_t node = 0; node < num_nodes_; ++node) {
      reach_[token * num_nodes_ + node] = static_cast<float>(1 - missed[node]);
      node_of_pool_[node] += (1 - missed[node]) / static_cast<double>(pool_.size());
    }
  }
}

/// The pool's means, corrected by what nodes would be reached more or less often were the choices of a token
/// independent, with the chances of experts rather than their frequencies in the pool.
void PoolBatches::find_node_means(const ExpertPlacement& placement) {
  const std::vector<double> shares = node_shares(placement);
  node_means_.assign(num_nodes_, 0);
  for (std::size_t node = 0; node < num_nodes_; ++node) {
    double missed = 1;
    double missed_in_pool = 1;
    for (std::size_t e = 0; e < pool_.chances.size(); ++e) {
      const double share = shares[e * num_nodes_ + node];
      missed *= 1 - pool_.chances[e] * share;
      missed_in_pool *= 1 - frequency_[e] * share;
    }
    const double correction = missed_in_pool < 1 ? (1 - missed) / (1 - missed_in_pool) : 1;
    node_means_[node] = std::min(1.0, node_of_pool_[node] * correction);
  }
}

void PoolBatches::count_run(std::size_t first, std::size_t tokens, BatchCounts& counts) const {
  for (std::size_t token = first; token < first + tokens; ++token) {
    for (const std::uint16_t expert : pool_.of_token(token)) counts.experts[expert] += 1;
    for (std::size_t node = 0; node < counts.nodes.size(); ++node)
      counts.nodes[node] += static_cast<double>(reach_[token * num_nodes_ + node]);
  }
}

BatchCounts PoolBatches::draw(std::int64_t tokens, RandomStream& random) const {
  BatchCounts counts{std::vector<double>(frequency_.size()), std::vector<double>(node_means_.size())};
  const auto n = static_cast<double>(tokens);
  const bool documents = document_tokens_ > 1;
  const std::size_t runs = pool_.runs_per_class * (documents ? 1 : pool_.num_classes);
  std::int64_t in_document = 0;
  std::size_t first_run = 0;  // of the document's class
  while (tokens > 0) {
    if (in_document == 0) {
      in_document = document_tokens_;
      if (documents) first_run = random.below(pool_.num_classes) * runs;
    }
    const std::size_t run = first_run + (static_cast<std::uint64_t>(random.next_u32()) * runs >> 32U);
    const std::int64_t taken =
        std::min({tokens, in_document, static_cast<std::int64_t>(pool_.tokens_per_run)});
    count_run(run * pool_.tokens_per_run, static_cast<std::size_t>(taken), counts);
    tokens -= taken;
    in_document -= taken;
  }
  for (std::size_t e = 0; e < frequency_.size(); ++e) {
    const double chance = pool_.chances[e];
    counts.experts[e] = frequency_[e] > chance
                            ? draw_count(counts.experts[e], chance / frequency_[e], random)
                            : counts.experts[e] + draw_count(n, chance - frequency_[e], random);
  }
  for (std::size_t node = 0; node < counts.nodes.size(); ++node) {
    counts.nodes[node] += n * (node_means_[node] - node_of_pool_[node]);
    counts.nodes[node] = std::clamp(counts.nodes[node], 0.0, n);
  }
  return counts;
}

BatchCounts PoolBatches::scaled(const BatchCounts& drawn, double drawn_tokens, double tokens) const {
  BatchCounts counts = drawn;
  const double root = std::sqrt(tokens / drawn_tokens);
  const auto scale = [&](double& count, double mean) {
    count = std::clamp(tokens * mean + root * (count - drawn_tokens * mean), 0.0, tokens);
  };
  for (std::size_t e = 0; e < counts.experts.size(); ++e) scale(counts.experts[e], pool_.chances[e]);
  for (std::size_t node = 0; node < counts.nodes.size(); ++node) scale(counts.nodes[node], node_means_[node]);
  return counts;
}

}  // namespace moesim
