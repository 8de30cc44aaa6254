#include "sim/routing/topic_fit.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <stdexcept>
#include <utility>

#include "base/math.hpp"
#include "base/random.hpp"
#include "sim/routing/mean_loads.hpp"

namespace moesim {
namespace {

constexpr int kResamplings = 200;
constexpr int kPopularityLayers = 8;  // drawn ones whose mean stands for the law

struct Moments {
  double documents = 0;
  double popularity = 0;
};

/// Shares of experts in the halves of documents.
class DocumentShares {
 public:
  DocumentShares(ExpertIdsReader& reader, const GateSpec& gate, const TopicFitOptions& options)
      : gate_(gate),
        num_layers_(static_cast<std::size_t>(reader.num_layers())),
        num_experts_(static_cast<std::size_t>(gate.num_experts)) {
    const std::int64_t left = (reader.num_tokens() - reader.position()) / options.tokens_per_document;
    num_documents_ = static_cast<std::size_t>(std::min(left, options.most_documents));
    shares_.resize(num_documents_ * 2 * num_layers_ * num_experts_);
    const std::int64_t half = options.tokens_per_document / 2;
    for (std::size_t d = 0; d < num_documents_; ++d) {
      count(reader, half, &shares_[2 * d * num_layers_ * num_experts_]);
      count(reader, options.tokens_per_document - half, &shares_[(2 * d + 1) * num_layers_ * num_experts_]);
    }
  }

  [[nodiscard]] std::size_t num_documents() const { return num_documents_; }
  [[nodiscard]] std::int64_t beyond_groups() const { return beyond_groups_; }

  /// Of documents by place, the mean over layers.
  [[nodiscard]] Moments moments(const std::vector<std::size_t>& documents) const {
    Moments sum;
    for (std::size_t layer = 0; layer < num_layers_; ++layer) {
      const Moments one = moments_of_layer(documents, layer);
      sum.documents += one.documents / static_cast<double>(num_layers_);
      sum.popularity += one.popularity / static_cast<double>(num_layers_);
    }
    return sum;
  }

 private:
  void count(ExpertIdsReader& reader, std::int64_t num_tokens, float* shares) {
    const auto k = static_cast<std::size_t>(reader.top_k());
    std::vector<std::uint16_t> ids(static_cast<std::size_t>(num_tokens) * num_layers_ * k);
    const std::size_t num = reader.read(ids);
    const float each = 1.0F / static_cast<float>(num);
    for (std::size_t i = 0; i < num * num_layers_; ++i) count_groups(std::span(ids).subspan(i * k, k));
    for (std::size_t i = 0; i < num * num_layers_ * k; ++i) {
      if (ids[i] == kUnusedChoice) continue;
      shares[i / k % num_layers_ * num_experts_ + ids[i]] += each;
    }
  }

  void count_groups(std::span<const std::uint16_t> chosen) {
    if (gate_.num_groups < 2 || gate_.topk_groups >= gate_.num_groups) return;
    std::vector<int> groups;
    for (const std::uint16_t expert : chosen) {
      if (expert == kUnusedChoice) continue;
      const int group = expert * gate_.num_groups / gate_.num_experts;
      if (std::ranges::find(groups, group) == groups.end()) groups.push_back(group);
    }
    if (std::ssize(groups) > gate_.topk_groups) ++beyond_groups_;
  }

  [[nodiscard]] const float* half(std::size_t document, std::size_t which, std::size_t layer) const {
    return &shares_[((2 * document + which) * num_layers_ + layer) * num_experts_];
  }

  [[nodiscard]] Moments moments_of_layer(const std::vector<std::size_t>& documents, std::size_t layer) const {
    const std::size_t n = num_experts_;
    const auto count = static_cast<double>(documents.size());
    std::vector<double> first(n), second(n), product(n), parity(2 * n);
    for (std::size_t i = 0; i < documents.size(); ++i) {
      const float* a = half(documents[i], 0, layer);
      const float* b = half(documents[i], 1, layer);
      // Copies of one document stay on one side.
      double* side = &parity[documents[i] % 2 * n];
      for (std::size_t e = 0; e < n; ++e) {
        first[e] += a[e];
        second[e] += b[e];
        product[e] += static_cast<double>(a[e]) * b[e];
        side[e] += a[e] + b[e];
      }
    }
    double covariance = 0, squares = 0;
    for (std::size_t e = 0; e < n; ++e) {
      covariance += (product[e] - first[e] * second[e] / count) / (count - 1);
      squares += first[e] * second[e] / count / count;
    }
    Moments moments;
    moments.documents = squares > 0 ? covariance / squares : 0;
    moments.popularity = relative_covariance(std::span(parity).first(n), std::span(parity).subspan(n));
    return moments;
  }

  static double relative_covariance(std::span<const double> a, std::span<const double> b) {
    const double mean_a = mean(a), mean_b = mean(b);
    if (mean_a <= 0 || mean_b <= 0) return 0;
    double sum = 0;
    for (std::size_t e = 0; e < a.size(); ++e) sum += (a[e] / mean_a - 1) * (b[e] / mean_b - 1);
    return sum / static_cast<double>(a.size());
  }

  GateSpec gate_;
  std::size_t num_layers_;
  std::size_t num_experts_;
  std::size_t num_documents_ = 0;
  std::int64_t beyond_groups_ = 0;
  std::vector<float> shares_;  ///< [num_documents, 2, num_layers, num_experts]
};

/// The moments that a model has.
class ModelMoments {
 public:
  ModelMoments(const GateSpec& gate, const TopicFitOptions& options) : gate_(gate), options_(options) {}

  [[nodiscard]] double documents(double spread, double sigma) const {
    const MeanLoads means = of_layer(spread, sigma, 0);
    double variance = 0, squares = 0;
    for (std::size_t e = 0; e < means.num_experts; ++e) {
      double sum = 0, sum_of_squares = 0;
      for (std::size_t row = 0; row < means.num_classes; ++row) {
        const double chance = means.experts[row * means.num_experts + e];
        sum += chance;
        sum_of_squares += chance * chance;
      }
      const double centre = sum / static_cast<double>(means.num_classes);
      variance += sum_of_squares / static_cast<double>(means.num_classes) - centre * centre;
      squares += centre * centre;
    }
    return variance / squares;
  }

  [[nodiscard]] double popularity(double spread, double sigma) const {
    double sum = 0;
    for (int layer = 0; layer < kPopularityLayers; ++layer) {
      const MeanLoads means = of_layer(spread, sigma, layer);
      std::vector<double> shares(means.num_experts);
      for (std::size_t i = 0; i < means.experts.size(); ++i)
        shares[i % means.num_experts] += means.experts[i];
      const double centre = mean(shares);
      for (const double share : shares)
        sum += (share / centre - 1) * (share / centre - 1) / static_cast<double>(shares.size());
    }
    return sum / kPopularityLayers;
  }

 private:
  [[nodiscard]] MeanLoads of_layer(double spread, double sigma, int layer) const {
    AffinitySpec affinity;
    affinity.topics = {options_.num_topics, spread, 0, options_.tokens_per_document};
    affinity.popularity = {PopularityLaw::logit_normal, sigma};
    return MeanLoadsMaker(gate_, affinity, Balancing::none, 1, 1, options_.seed).of_layer(layer);
  }

  GateSpec gate_;
  TopicFitOptions options_;
};

/// The x in [0, 4] where an ascending function is `wanted`, within 1 %; the nearer end where it is not.
double solve(double wanted, const std::function<double(double)>& function) {
  constexpr double kMost = 4, kLeast = 1e-3;
  double low = 0, high = 0.25;
  if (wanted <= function(0)) return 0;
  while (high < kMost && function(high) < wanted) low = std::exchange(high, 2 * high);
  while (high - low > std::max(kLeast, 0.01 * high)) {
    const double middle = (low + high) / 2;
    (function(middle) < wanted ? low : high) = middle;
  }
  return (low + high) / 2;
}

/// A function of x at points around its solution, read backwards by straight lines.
class InverseTable {
 public:
  InverseTable(double solution, const std::function<double(double)>& function) {
    for (const double factor : {0.0, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0}) {
      const double x = factor * std::max(solution, 0.05);
      const double y = function(x);
      if (points_.empty() || y > points_.back().second) points_.emplace_back(x, y);
    }
  }
  [[nodiscard]] double operator()(double y) const {
    std::size_t above = 1;
    while (above + 1 < points_.size() && points_[above].second < y) ++above;
    if (above >= points_.size()) return points_.front().first;
    const auto& [x0, y0] = points_[above - 1];
    const auto& [x1, y1] = points_[above];
    return std::max(0.0, x0 + (x1 - x0) * (y - y0) / (y1 - y0));
  }

 private:
  std::vector<std::pair<double, double>> points_;
};

FittedNumber fitted(double value, const std::vector<double>& resampled) {
  return {value, percentile(resampled, 5), percentile(resampled, 95)};
}

}  // namespace

TopicFit fit_topics(ExpertIdsReader& reader, const GateSpec& gate, const TopicFitOptions& options) {
  const DocumentShares shares(reader, gate, options);
  if (shares.num_documents() < 4) throw std::invalid_argument("fewer than four documents");
  std::vector<std::size_t> all(shares.num_documents());
  for (std::size_t d = 0; d < all.size(); ++d) all[d] = d;
  const Moments recorded = shares.moments(all);
  const ModelMoments model(gate, options);
  double spread = 0, sigma = 0;
  for (int round = 0; round < 2; ++round) {
    sigma = solve(recorded.popularity, [&](double x) { return model.popularity(spread, x); });
    spread = solve(recorded.documents, [&](double x) { return model.documents(x, sigma); });
  }
  const InverseTable spread_of(spread, [&](double x) { return model.documents(x, sigma); });
  const InverseTable sigma_of(sigma, [&](double x) { return model.popularity(spread, x); });
  const double per_layer = 1 / std::sqrt(2.0 * gate.num_experts);
  const double recorded_layers = reader.num_layers();
  const double sigma_error = per_layer * std::sqrt(1 / recorded_layers + 1.0 / kPopularityLayers);
  const double spread_error = per_layer * std::sqrt((1 / recorded_layers + 1) / options.num_topics);
  std::vector<double> spreads, sigmas;
  for (int i = 0; i < kResamplings; ++i) {
    RandomStream random(options.seed, stream_of("topic_fit"), static_cast<std::uint64_t>(i));
    std::vector<std::size_t> drawn(all.size());
    for (std::size_t& d : drawn) d = static_cast<std::size_t>(random.below(all.size()));
    const Moments moments = shares.moments(drawn);
    spreads.push_back(spread_of(moments.documents) * (1 + spread_error * random.normal()));
    sigmas.push_back(sigma_of(moments.popularity) * (1 + sigma_error * random.normal()));
  }
  TopicFit fit;
  fit.num_layers = reader.num_layers();
  fit.num_documents = static_cast<std::int64_t>(all.size());
  fit.document_variance = recorded.documents;
  fit.popularity_variance = recorded.popularity;
  fit.beyond_groups = shares.beyond_groups();
  fit.spread = fitted(spread, spreads);
  fit.sigma = fitted(sigma, sigmas);
  return fit;
}

}  // namespace moesim
