#include "calib/measure/gate_reference.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>

namespace moesim {
namespace {

using Index = std::size_t;

/// The `count` greatest values, greatest first and the lowest index first among equals; `margin` falls to the
/// distance between the last taken and the best left.
std::vector<int> greatest(std::span<const double> values, int count, double& margin) {
  std::vector<int> order(values.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](int a, int b) {
    return values[static_cast<Index>(a)] > values[static_cast<Index>(b)];
  });
  const auto taken = static_cast<Index>(count);
  if (taken < order.size()) {
    const double left = values[static_cast<Index>(order[taken])];
    margin = std::min(margin, values[static_cast<Index>(order[taken - 1])] - left);
  }
  order.resize(taken);
  return order;
}

double sum_of_two_largest(std::span<const double> values) {
  std::vector<double> sorted(values.begin(), values.end());
  const Index count = std::min<Index>(2, sorted.size());
  std::partial_sort(sorted.begin(), sorted.begin() + static_cast<std::ptrdiff_t>(count), sorted.end(),
                    std::greater<>());
  return std::accumulate(sorted.begin(), sorted.begin() + static_cast<std::ptrdiff_t>(count), 0.0);
}

/// Biased scores with those of the groups that are not kept at -infinity.
void drop_groups(const GateShape& shape, std::vector<double>& biased, double& margin) {
  if (shape.kept_groups >= shape.groups) return;
  const Index size = static_cast<Index>(shape.experts / shape.groups);
  std::vector<double> scores;
  for (Index g = 0; g < static_cast<Index>(shape.groups); ++g)
    scores.push_back(sum_of_two_largest(std::span(biased).subspan(g * size, size)));
  std::vector<bool> kept(static_cast<Index>(shape.groups));
  for (int g : greatest(scores, shape.kept_groups, margin)) kept[static_cast<Index>(g)] = true;
  for (Index e = 0; e < biased.size(); ++e)
    if (!kept[e / size]) biased[e] = -std::numeric_limits<double>::infinity();
}

}  // namespace

GateChoice gate_reference(const GateShape& shape, std::span<const float> logits,
                          std::span<const float> bias) {
  std::vector<double> scores;
  std::vector<double> biased;
  for (Index e = 0; e < static_cast<Index>(shape.experts); ++e) {
    scores.push_back(1 / (1 + std::exp(-static_cast<double>(logits[e]))));
    biased.push_back(scores.back() + static_cast<double>(bias[e]));
  }
  GateChoice choice;
  choice.margin = std::numeric_limits<double>::infinity();
  drop_groups(shape, biased, choice.margin);
  choice.experts = greatest(biased, shape.top_k, choice.margin);
  double sum = 0;
  for (int e : choice.experts) sum += scores[static_cast<Index>(e)];
  for (int e : choice.experts) choice.weights.push_back(scores[static_cast<Index>(e)] / sum * shape.scale);
  return choice;
}

}  // namespace moesim
