#include "workloads/affinity/document_topics.hpp"

#include <algorithm>
#include <cmath>

#include "base/math.hpp"
#include "workloads/affinity/noise_rows.hpp"

namespace moesim {
namespace {

/// Below it a mixture is of one topic to every digit, and logarithms of gamma draws would overflow.
constexpr double kLeastShape = 1e-9;

/// Mean 0 and variance 1; a draw of equals (of chance 0) becomes 0.
void standardise(std::span<double> values) {
  const double centre = mean(values);
  double squares = 0;
  for (double& x : values) {
    x -= centre;
    squares += x * x;
  }
  const double scale = squares > 0 ? std::sqrt(static_cast<double>(values.size()) / squares) : 0;
  for (double& x : values) x *= scale;
}

/// ln of a draw from the gamma distribution of `shape`: Marsaglia and Tsang 2000 at shape + 1, times
/// u^(1 / shape), in logarithms, since small shapes underflow.
double log_gamma_draw(double shape, RandomStream& random) {
  const double d = shape + 1 - 1.0 / 3;
  const double c = 1 / std::sqrt(9 * d);
  for (;;) {
    const double x = random.normal();
    const double root = 1 + c * x;
    if (root <= 0) continue;
    const double v = root * root * root;
    if (log_det(random.uniform_open()) >= 0.5 * x * x + d - d * v + d * log_det(v)) continue;
    return log_det(d * v) + log_det(random.uniform_open()) / shape;
  }
}

}  // namespace

DocumentTopics::DocumentTopics(const Topics& topics, int num_experts, std::uint64_t seed, int layer)
    : topics_(topics),
      num_experts_(static_cast<std::size_t>(num_experts)),
      mixture_key_(seed, stream_of("affinity:mixture")) {
  if (topics.count < 2 || topics.spread == 0) return;
  const auto count = static_cast<std::size_t>(topics.count);
  vectors_.resize(count * num_experts_);
  const StreamKey key(seed, stream_of("affinity:topics"));
  const double scale =
      topics.spread * std::sqrt(static_cast<double>(topics.count) * topics.concentration + 1);
  std::vector<double> column(count);
  for (std::size_t e = 0; e < num_experts_; ++e) {
    RandomStream random(key, (static_cast<std::uint64_t>(layer) << 32) | e);
    for (double& x : column) x = random.normal();
    standardise(column);
    for (std::size_t c = 0; c < count; ++c)
      vectors_[c * num_experts_ + e] = static_cast<float>(scale * column[c]);
  }
}

std::size_t DocumentTopics::only_topic(std::uint64_t document) const {
  return RandomStream(mixture_key_, document).below(static_cast<std::uint64_t>(topics_.count));
}

std::vector<double> DocumentTopics::weights(std::uint64_t document) const {
  std::vector<double> weights(static_cast<std::size_t>(topics_.count));
  if (weights.empty()) return weights;
  if (topics_.concentration == 0) {
    weights[only_topic(document)] = 1;
    return weights;
  }
  RandomStream random(mixture_key_, document);
  const double shape = std::max(topics_.concentration, kLeastShape);
  for (double& w : weights) w = log_gamma_draw(shape, random);
  const double greatest = *std::max_element(weights.begin(), weights.end());
  for (double& w : weights) w = exp_det(w - greatest);
  const double sum = sum_fixed_order(weights);
  for (double& w : weights) w /= sum;
  return weights;
}

void DocumentTopics::add_to(std::uint64_t document, std::span<float> row) const {
  if (!any()) return;
  if (topics_.concentration == 0) {
    add_row(vectors_.data() + only_topic(document) * num_experts_, num_experts_, row.data());
    return;
  }
  add_mixture(weights(document), row);
}

void DocumentTopics::add_mixture(std::span<const double> weights, std::span<float> row) const {
  for (std::size_t c = 0; c < weights.size(); ++c) {
    const auto weight = static_cast<float>(weights[c]);
    add_scaled(row.data(), vectors_.data() + c * num_experts_, weight, num_experts_, row.data());
  }
}

}  // namespace moesim
