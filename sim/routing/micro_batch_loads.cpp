#include "sim/routing/micro_batch_loads.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "base/math.hpp"
#include "base/random.hpp"
#include "sim/load/expert_load.hpp"

namespace moesim {
namespace {

int ranks_of_node(const MicroBatch& batch) {
  return (batch.num_ranks + batch.num_nodes - 1) / batch.num_nodes;
}
int node_of(const MicroBatch& batch, int rank) {
  return rank / ranks_of_node(batch);
}

/// Estimates the loads of one micro-batch.
class LoadSampler {
 public:
  LoadSampler(const MeanLoads& means, const MicroBatch& batch, double inflation)
      : means_(means), batch_(batch), parts_(parts_of(batch)), inflation_(inflation) {}

  /// `classes`: of the documents by place.
  MicroBatchLoad sample(const std::vector<std::size_t>& classes, RandomStream& random) const {
    const auto num_nodes = means_.num_nodes;
    MicroBatchLoad load{std::vector<double>(means_.num_ranks),
                        std::vector<double>(num_nodes * static_cast<std::size_t>(ranks_of_node(batch_)))};
    std::vector<double> nic_variance(load.nics.size());
    for (const DocumentPart& part : parts_) {
      const std::size_t row = classes[static_cast<std::size_t>(part.place)];
      const auto tokens = static_cast<double>(part.tokens);
      for (std::size_t r = 0; r < means_.num_ranks; ++r)
        load.ranks[r] += tokens * means_.ranks[row * means_.num_ranks + r];
      const auto own = static_cast<std::size_t>(node_of(batch_, part.rank));
      const auto index = static_cast<std::size_t>(part.rank % ranks_of_node(batch_));
      for (std::size_t n = 0; n < num_nodes; ++n) {
        if (n == own) continue;
        const double chance = means_.nodes[row * num_nodes + n];
        load.nics[index * num_nodes + n] += tokens * chance;
        nic_variance[index * num_nodes + n] += tokens * chance * (1 - chance);
      }
    }
    std::vector<double> rank_variance(load.ranks);
    const double per_rank = static_cast<double>(means_.num_experts) / static_cast<double>(means_.num_ranks);
    for (double& v :
         rank_variance) {  // choices of `per_rank` experts, each of chance load / tokens / per_rank
      v *= 1 - std::min(1.0, v / static_cast<double>(batch_.tokens()) / per_rank);
    }
    disturb(std::span(load.ranks), rank_variance, random);
    for (std::size_t first = 0; first < load.nics.size(); first += num_nodes) {
      disturb(std::span(load.nics).subspan(first, num_nodes),
              std::span(nic_variance).subspan(first, num_nodes), random);
    }
    return load;
  }

 private:
  /// Adds noise without a sum to loads. Taking a share of the sum from each of n draws leaves 1 - 1/n of a
  /// variance, where all are alike.
  void disturb(std::span<double> loads, std::span<const double> variance, RandomStream& random) const {
    const auto n = static_cast<double>(loads.size());
    if (n < 2) return;
    std::vector<double> noise(loads.size());
    double sum = 0, weights = 0;
    for (std::size_t i = 0; i < loads.size(); ++i) {
      noise[i] = std::sqrt(variance[i] * inflation_ * n / (n - 1)) * random.normal();
      sum += noise[i];
      weights += variance[i];
    }
    if (weights <= 0) return;
    for (std::size_t i = 0; i < loads.size(); ++i)
      loads[i] = std::max(0.0, loads[i] + noise[i] - sum * variance[i] / weights);
  }

  const MeanLoads& means_;
  MicroBatch batch_;
  std::vector<DocumentPart> parts_;
  double inflation_;
};

LoadInterval interval_of(const std::vector<double>& values) {
  return {percentile(values, 10), percentile(values, 90)};
}

}  // namespace

std::vector<DocumentPart> parts_of(const MicroBatch& batch) {
  std::vector<DocumentPart> parts;
  for (std::int64_t token = 0; token < batch.tokens();) {
    const std::int64_t place = token / batch.tokens_per_document, rank = token / batch.tokens_per_rank;
    const std::int64_t end =
        std::min((place + 1) * batch.tokens_per_document, (rank + 1) * batch.tokens_per_rank);
    parts.push_back({place, static_cast<int>(rank), end - token});
    token = end;
  }
  return parts;
}

void LoadStatistics::add(MicroBatchLoad load) {
  const auto num_nodes = static_cast<std::size_t>(batch_.num_nodes);
  std::vector<double> nodes(num_nodes);
  for (std::size_t i = 0; i < load.nics.size(); ++i) nodes[i % num_nodes] += load.nics[i];
  nodes_.push_back(max_over_mean(nodes));
  nics_.push_back(max_over_mean(load.nics));
  ranks_.push_back(max_over_mean(load.ranks));
  std::sort(load.ranks.begin(), load.ranks.end());
  const double sum = sum_fixed_order(load.ranks);
  profile_.resize(load.ranks.size());
  for (std::size_t i = 0; i < profile_.size(); ++i)
    profile_[i] += sum > 0 ? load.ranks[i] * static_cast<double>(profile_.size()) / sum : 1;
}

RoutedLoad LoadStatistics::result() const {
  if (ranks_.empty()) throw std::logic_error("no micro-batch");
  RoutedLoad load;
  load.rank_max_over_mean = mean(ranks_);
  load.node_max_over_mean = mean(nodes_);
  load.nic_max_over_mean = mean(nics_);
  load.rank_interval = interval_of(ranks_);
  load.node_interval = interval_of(nodes_);
  load.rank_profile = profile_;
  for (double& rank : load.rank_profile) rank /= static_cast<double>(ranks_.size());
  load.rank_profile.back() = load.rank_max_over_mean;
  return load;
}

double block_inflation(double chance, const Persistence& persistence) {
  const double shared = persistence.correlation;
  if (shared == 0 || persistence.tokens < 2 || chance <= 0 || chance >= 1) return 1;
  constexpr int kPoints = 64;  // of equal weight
  const double z = normal_quantile(1 - chance);
  double first = 0, second = 0;
  for (int i = 0; i < kPoints; ++i) {
    const double common = std::sqrt(shared) * normal_quantile((i + 0.5) / kPoints);
    const double p = shared < 1 ? normal_cdf((common - z) / std::sqrt(1 - shared)) : (common > z ? 1 : 0);
    first += p / kPoints;
    second += p * p / kPoints;
  }
  const double covariance = std::max(0.0, second - first * first);
  return 1 + static_cast<double>(persistence.tokens - 1) * covariance / (first * (1 - first));
}

std::vector<std::vector<std::size_t>> drawn_documents(const DocumentClasses& classes, const MicroBatch& batch,
                                                      int num_micro_batches) {
  const auto num_documents =
      static_cast<std::size_t>((batch.tokens() + batch.tokens_per_document - 1) / batch.tokens_per_document);
  std::vector<std::vector<std::size_t>> drawn(static_cast<std::size_t>(num_micro_batches));
  for (std::size_t m = 0; m < drawn.size(); ++m) {
    for (std::size_t d = 0; d < num_documents; ++d) drawn[m].push_back(classes.class_of((m << 32) | d));
  }
  return drawn;
}

RoutedLoad sampled_load(const MeanLoads& means, const std::vector<std::vector<std::size_t>>& classes,
                        const Persistence& persistence, const MicroBatch& batch, std::uint64_t seed,
                        int layer) {
  const double chance = sum_fixed_order(means.experts) / static_cast<double>(means.experts.size());
  const LoadSampler sampler(means, batch, block_inflation(chance, persistence));
  LoadStatistics statistics(batch);
  const StreamKey key(seed, stream_of("sampled_load"));
  for (std::size_t m = 0; m < classes.size(); ++m) {
    RandomStream random(key, (static_cast<std::uint64_t>(layer) << 32) | m);
    statistics.add(sampler.sample(classes[m], random));
  }
  return statistics.result();
}

}  // namespace moesim
