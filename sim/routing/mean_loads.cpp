#include "sim/routing/mean_loads.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "base/math.hpp"
#include "sim/routing/settled_router.hpp"
#include "workloads/affinity/affinity_source.hpp"

namespace moesim {
namespace {

constexpr std::size_t kTokens = 1024;       // of all classes together
constexpr std::size_t kLeastTokens = 16;    // of one class
constexpr std::size_t kSettleTokens = 256;  // of all classes in a step of the solver
constexpr std::size_t kPlaceTokens = 1024;  // that distinct ranks and nodes are counted of
constexpr std::size_t kLeastSettleTokens = 4;

std::size_t block_of(std::size_t expert, std::size_t num_blocks, std::size_t num_experts) {
  return expert * num_blocks / num_experts;
}

/// Distinct blocks that tokens reach, counted.
class VisitCounts {
 public:
  VisitCounts(std::size_t num_classes, std::size_t num_blocks, std::size_t num_experts)
      : num_blocks_(num_blocks),
        num_experts_(num_experts),
        last_(num_blocks, 0),
        counts_(num_classes * num_blocks) {}

  void add(std::size_t row, std::span<const std::uint16_t> chosen) {
    ++token_;
    for (const std::uint16_t expert : chosen) {
      const std::size_t block = block_of(expert, num_blocks_, num_experts_);
      if (last_[block] == token_) continue;
      last_[block] = token_;
      counts_[row * num_blocks_ + block] += 1;
    }
  }
  [[nodiscard]] double per_token() const {
    return sum_fixed_order(counts_) / static_cast<double>(std::max<std::size_t>(token_, 1));
  }
  [[nodiscard]] const std::vector<double>& counts() const { return counts_; }

 private:
  std::size_t num_blocks_;
  std::size_t num_experts_;
  std::size_t token_ = 0;
  std::vector<std::size_t> last_;  ///< the token that reached a block last
  std::vector<double> counts_;     ///< [num_classes, num_blocks]
};

/// The coefficients c of y = c0 + c1 x + c2 x^2 with the least squares, by Cholesky's method; what the points
/// do not tell apart is 0.
std::array<double, 3> parabola_through(std::span<const double> x, std::span<const double> y) {
  std::array<double, 5> powers{};
  std::array<double, 3> right{};
  for (std::size_t i = 0; i < x.size(); ++i) {
    double power = 1;
    for (std::size_t p = 0; p < powers.size(); ++p, power *= x[i]) {
      powers[p] += power;
      if (p < right.size()) right[p] += power * y[i];
    }
  }
  std::array<std::array<double, 3>, 3> l{};
  std::array<double, 3> z{}, c{};
  for (std::size_t i = 0; i < 3; ++i) {
    for (std::size_t j = 0; j <= i; ++j) {
      double sum = powers[i + j];
      for (std::size_t k = 0; k < j; ++k) sum -= l[i][k] * l[j][k];
      if (i != j) {
        l[i][j] = l[j][j] > 0 ? sum / l[j][j] : 0;
      } else if (sum > 1e-9 * powers[2 * i]) {
        l[i][i] = std::sqrt(sum);
      }
    }
    double sum = right[i];
    for (std::size_t k = 0; k < i; ++k) sum -= l[i][k] * z[k];
    z[i] = l[i][i] > 0 ? sum / l[i][i] : 0;
  }
  for (std::size_t i = 3; i-- > 0;) {
    double sum = z[i];
    for (std::size_t k = i + 1; k < 3; ++k) sum -= l[k][i] * c[k];
    c[i] = l[i][i] > 0 ? sum / l[i][i] : 0;
  }
  return c;
}

/// Sums of rows over contiguous blocks of experts, [num_classes, num_blocks].
std::vector<double> block_sums(const MeanLoads& loads, std::size_t num_blocks) {
  std::vector<double> sums(loads.num_classes * num_blocks);
  for (std::size_t i = 0; i < loads.experts.size(); ++i) {
    const std::size_t row = i / loads.num_experts;
    sums[row * num_blocks + block_of(i % loads.num_experts, num_blocks, loads.num_experts)] +=
        loads.experts[i];
  }
  return sums;
}

/// Takes the mean over rows from every column.
void centre_columns(std::vector<double>& values, std::size_t num_columns) {
  std::vector<double> means(num_columns);
  const auto num_rows = static_cast<double>(values.size() / num_columns);
  for (std::size_t i = 0; i < values.size(); ++i) means[i % num_columns] += values[i] / num_rows;
  for (std::size_t i = 0; i < values.size(); ++i) values[i] -= means[i % num_columns];
}

/// Chances of nodes from the choices that go to them. `choices` and `counted` are of the same tokens,
/// [num_classes, num_nodes]. Where every class had the same noise, nodes share their errors, and only what
/// classes differ by is fitted; the mean over classes and nodes is then `mean_chance`.
void fit_nodes(std::vector<double> choices, std::vector<double> counted, bool same_noise, double mean_chance,
               int top_k, MeanLoads& loads) {
  double centre = 0;
  if (same_noise && loads.num_classes > 1) {
    centre_columns(choices, loads.num_nodes);
    centre_columns(counted, loads.num_nodes);
    for (double& chance : counted) chance += mean_chance;
    centre = static_cast<double>(top_k) / static_cast<double>(loads.num_nodes);
  }
  const std::array<double, 3> c = parabola_through(choices, counted);
  loads.nodes = block_sums(loads, loads.num_nodes);
  for (double& node : loads.nodes) {
    const double most = std::min(1.0, node);  // a node is reached at most as often as it is chosen
    const double x = node - centre;
    node = std::clamp(c[0] + x * (c[1] + x * c[2]), node / top_k, most);
  }
}

/// Divides out what a bias leaves in the mean, rows keeping their sums.
void make_even(std::span<const double> target, MeanLoads& loads) {
  const std::size_t n = loads.num_experts;
  const double top_k = sum_fixed_order(target);
  for (int round = 0; round < 4; ++round) {
    std::vector<double> mean(n);
    for (std::size_t i = 0; i < loads.experts.size(); ++i)
      mean[i % n] += loads.experts[i] / static_cast<double>(loads.num_classes);
    for (std::size_t i = 0; i < loads.experts.size(); ++i)
      loads.experts[i] *= target[i % n] / std::max(mean[i % n], 1e-12);
    for (std::size_t row = 0; row < loads.num_classes; ++row) {
      const std::span<double> chances = std::span(loads.experts).subspan(row * n, n);
      const double scale = top_k / sum_fixed_order(chances);
      for (double& chance : chances) chance *= scale;
    }
  }
}

/// The chances that shares of all choices are, none above 1.
std::vector<double> chances_of(std::vector<double> shares, int top_k) {
  for (double& share : shares) share = std::min(share * top_k, 1 - 1e-6);
  return shares;
}

}  // namespace

MeanLoadsMaker::MeanLoadsMaker(const GateSpec& gate, const AffinitySpec& affinity, Balancing balancing,
                               int num_ranks, int num_nodes, std::uint64_t seed)
    : gate_(gate),
      affinity_(affinity),
      balancing_(balancing),
      num_ranks_(num_ranks),
      num_nodes_(num_nodes),
      seed_(seed),
      classes_(affinity, seed),
      chances_(gate, affinity.token_sigma),
      spread_(std::sqrt(affinity.token_sigma * affinity.token_sigma +
                        affinity.topics.spread * affinity.topics.spread)),
      even_(static_cast<std::size_t>(gate.num_experts), static_cast<double>(gate.top_k) / gate.num_experts),
      tokens_per_class_(std::max(kLeastTokens, kTokens / classes_.size())),
      settling_tokens_(std::max(kLeastSettleTokens, kSettleTokens / classes_.size())),
      settling_(sampled_noise(kPlaceTokens / kSettleTokens * settling_tokens_ * classes_.size(), even_.size(),
                              seed)),
      routed_(sampled_noise(tokens_per_class_ * (balancing == Balancing::settled ? 1 : classes_.size()),
                            even_.size(), seed)) {}

SettledRouter MeanLoadsMaker::settled_router(int layer) {
  LayerAffinities affinities(affinity_, gate_.num_experts, seed_, layer, nullptr);
  affinities.begin_step(0);
  SettledRouter router;
  router.logits = classes_.logits(gate_.num_experts, layer);
  router.offsets.assign(affinities.offsets().begin(), affinities.offsets().end());
  router.bias.assign(even_.size(), 0);
  for (std::size_t i = 0; i < router.logits.size(); ++i)
    router.logits[i] += static_cast<float>(router.offsets[i % even_.size()]);
  const std::vector<double> shares = affinities.target_shares();
  if (!shares.empty())
    settle(chances_, chances_of(shares, gate_.top_k), spread_, Settling::offsets, settling_tokens_, settling_,
           router);
  if (balancing_ == Balancing::settled)
    settle(chances_, even_, spread_, gate_.has_bias ? Settling::bias : Settling::offsets, settling_tokens_,
           settling_, router);
  return router;
}

void MeanLoadsMaker::count_places(const SettledRouter& router, MeanLoads& loads) {
  VisitCounts ranks(loads.num_classes, loads.num_ranks, loads.num_experts);
  VisitCounts nodes(loads.num_classes, loads.num_nodes, loads.num_experts);
  const std::size_t n = even_.size();
  const std::size_t num_tokens = settling_.size() / n;
  for (std::size_t token = 0; token < num_tokens; ++token) {
    const std::size_t row = token * loads.num_classes / num_tokens;
    const std::span<const float> mean = std::span(router.logits).subspan(row * n, n);
    const auto chosen = chances_.add_token(mean, std::span(settling_).subspan(token * n, n), router.bias, {});
    ranks.add(row, chosen);
    nodes.add(row, chosen);
  }
  loads.ranks_per_token = ranks.per_token();
  loads.nodes_per_token = nodes.per_token();
}

MeanLoads MeanLoadsMaker::of_layer(int layer) {
  const SettledRouter router = settled_router(layer);
  MeanLoads loads;
  loads.num_classes = classes_.size();
  loads.num_experts = even_.size();
  loads.num_ranks = static_cast<std::size_t>(num_ranks_);
  loads.num_nodes = static_cast<std::size_t>(num_nodes_);
  VisitCounts at_nodes(loads.num_classes, loads.num_nodes, loads.num_experts);
  loads.experts = class_chances(
      chances_, router, tokens_per_class_, routed_,
      [&](std::size_t row, std::span<const std::uint16_t> chosen) { at_nodes.add(row, chosen); });
  const bool settled = balancing_ == Balancing::settled;
  std::vector<double> counted = at_nodes.counts();
  for (double& chance : counted) chance /= static_cast<double>(tokens_per_class_);
  std::vector<double> choices = block_sums(loads, loads.num_nodes);
  if (settled) make_even(even_, loads);
  loads.ranks = block_sums(loads, loads.num_ranks);
  count_places(router, loads);
  fit_nodes(std::move(choices), std::move(counted), settled,
            loads.nodes_per_token / static_cast<double>(num_nodes_), gate_.top_k, loads);
  loads.offsets = router.offsets;
  if (gate_.has_bias) loads.bias = router.bias;
  return loads;
}

}  // namespace moesim
