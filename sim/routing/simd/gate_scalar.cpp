#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>
#include <span>
#include <vector>

#include "sim/routing/simd/gate_exp.hpp"
#include "sim/routing/simd/gate_kernel.hpp"

namespace moesim {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

float sum_by_lanes(std::span<const float> values) {
  std::array<float, kGateLanes> lanes{};
  for (std::size_t i = 0; i < values.size(); ++i) lanes[i % kGateLanes] += values[i];
  for (std::size_t half = kGateLanes / 2; half > 0; half /= 2) {
    for (std::size_t i = 0; i < half; ++i) lanes[i] += lanes[i + half];
  }
  return lanes[0];
}

/// Experts or groups ordered by score, ties by id.
class Order {
 public:
  explicit Order(std::span<const float> scores) : scores_(scores) {}
  bool operator()(int a, int b) const {
    const float score_a = scores_[static_cast<std::size_t>(a)];
    const float score_b = scores_[static_cast<std::size_t>(b)];
    return score_a != score_b ? score_a > score_b : a < b;
  }

 private:
  std::span<const float> scores_;
};

/// The first `count` ids of that order.
std::vector<int> best_of(std::span<const float> scores, int count) {
  std::vector<int> ids(scores.size());
  std::iota(ids.begin(), ids.end(), 0);
  std::partial_sort(ids.begin(), ids.begin() + count, ids.end(), Order(scores));
  ids.resize(static_cast<std::size_t>(count));
  return ids;
}

std::vector<float> softmax(std::span<const float> logits) {
  const float greatest = *std::max_element(logits.begin(), logits.end());
  std::vector<float> scores;
  for (const float logit : logits) scores.push_back(gate_exp(logit - greatest));
  const float sum = sum_by_lanes(scores);
  for (float& score : scores) score /= sum;
  return scores;
}

std::vector<float> sigmoid(std::span<const float> logits) {
  std::vector<float> scores;
  for (const float logit : logits) scores.push_back(1.0F / (1.0F + gate_exp(-logit)));
  return scores;
}

float score_of_group(std::span<const float> biased, bool sum_of_two_best) {
  float best = -kInfinity;
  float second = -kInfinity;
  for (const float score : biased) {
    second = std::max(second, std::min(best, score));
    best = std::max(best, score);
  }
  return sum_of_two_best ? best + second : best;
}

/// Experts outside the kept groups get `in.masked`.
void limit_groups(const GateKernelInput& in, std::vector<float>& biased) {
  const std::size_t size = biased.size() / static_cast<std::size_t>(in.num_groups);
  std::vector<float> group_scores;
  for (std::size_t first = 0; first < biased.size(); first += size) {
    group_scores.push_back(score_of_group(std::span(biased).subspan(first, size), in.sum_of_two_best));
  }
  std::vector<bool> kept(group_scores.size());
  for (const int group : best_of(group_scores, in.topk_groups)) kept[static_cast<std::size_t>(group)] = true;
  for (std::size_t expert = 0; expert < biased.size(); ++expert) {
    if (!kept[expert / size]) biased[expert] = in.masked;
  }
}

void add_to_sums(const GateKernelInput& in, std::span<const float> scores) {
  const float factor = in.sigmoid ? 1.0F / sum_by_lanes(scores) : 1.0F;
  for (std::size_t i = 0; i < scores.size(); ++i) in.score_sums[i] += static_cast<double>(scores[i] * factor);
}

void route_token(const GateKernelInput& in, std::span<const float> logits, std::size_t token) {
  const std::vector<float> scores = in.sigmoid ? sigmoid(logits) : softmax(logits);
  if (in.score_sums != nullptr) add_to_sums(in, scores);
  std::vector<float> biased = scores;
  for (std::size_t i = 0; i < biased.size(); ++i) biased[i] += in.bias[i];
  if (in.num_groups > 1) limit_groups(in, biased);
  std::size_t at = token * static_cast<std::size_t>(in.top_k);
  for (const int expert : best_of(biased, in.top_k)) {
    in.experts[at] = static_cast<std::uint16_t>(expert);
    in.scores[at++] = scores[static_cast<std::size_t>(expert)];
  }
}

}  // namespace

std::size_t route_scalar(const GateKernelInput& in) {
  const auto width = static_cast<std::size_t>(in.num_experts);
  for (std::size_t token = 0; token < in.num_tokens; ++token) {
    const std::span logits(in.logits + token * width, width);
    if (!std::all_of(logits.begin(), logits.end(), [](float x) { return std::isfinite(x); })) return token;
    route_token(in, logits, token);
  }
  return in.num_tokens;
}

}  // namespace moesim
