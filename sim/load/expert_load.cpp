#include "sim/load/expert_load.hpp"

#include <algorithm>
#include <numeric>
#include <stdexcept>

namespace moesim {

ExpertLoad::ExpertLoad(std::size_t num_layers, std::size_t num_experts)
    : num_layers_(num_layers), num_experts_(num_experts), tokens_(num_layers * num_experts, 0.0) {}

double& ExpertLoad::at(std::size_t layer, std::size_t expert) {
  return tokens_.at(layer * num_experts_ + expert);
}

double ExpertLoad::at(std::size_t layer, std::size_t expert) const {
  return tokens_.at(layer * num_experts_ + expert);
}

std::span<const double> ExpertLoad::layer(std::size_t layer) const {
  return std::span(tokens_).subspan(layer * num_experts_, num_experts_);
}

std::vector<double> ExpertLoad::grouped(std::size_t layer, std::size_t num_groups) const {
  if (num_groups == 0 || num_experts_ % num_groups != 0) {
    throw std::invalid_argument("the number of groups does not divide the number of experts");
  }
  const std::size_t per_group = num_experts_ / num_groups;
  const auto load = this->layer(layer);
  std::vector<double> sums(num_groups);
  for (std::size_t g = 0; g < num_groups; ++g) {
    const auto group = load.subspan(g * per_group, per_group);
    sums[g] = std::accumulate(group.begin(), group.end(), 0.0);
  }
  return sums;
}

double max_over_mean(std::span<const double> load) {
  const double sum = std::accumulate(load.begin(), load.end(), 0.0);
  if (load.empty() || sum <= 0) return 1;
  return *std::max_element(load.begin(), load.end()) * static_cast<double>(load.size()) / sum;
}

}  // namespace moesim
