#include "sim/load/token_spread.hpp"

#include <stdexcept>

namespace moesim {
namespace {

/// Probability that none of k experts drawn without replacement from n falls into a block of b.
double probability_of_none(int n, int b, int k) {
  double p = 1;
  for (int i = 0; i < k; ++i) {
    if (n - b - i <= 0) return 0;
    p *= static_cast<double>(n - b - i) / static_cast<double>(n - i);
  }
  return p;
}

}  // namespace

double expected_places(const ExpertSpread& spread, int num_places) {
  if (num_places < 1 || spread.num_experts % num_places != 0) {
    throw std::invalid_argument("the number of places does not divide the number of experts");
  }
  const int eligible = spread.num_experts / spread.num_gate_groups * spread.kept_groups;
  const int block = spread.num_experts / num_places;
  if (num_places >= spread.num_gate_groups) {
    const int open_places = eligible / block;
    return open_places * (1 - probability_of_none(eligible, block, spread.top_k));
  }
  // A place holds several gate groups; j of them are kept with hypergeometric probability.
  const int per_place = spread.num_gate_groups / num_places;
  const int group = spread.num_experts / spread.num_gate_groups;
  double hit = 0;
  double weight_sum = 0;
  for (int j = 0; j <= per_place && j <= spread.kept_groups; ++j) {
    double weight = 1;  // C(per_place, j) C(groups - per_place, kept - j), up to a common factor
    for (int i = 0; i < j; ++i) weight *= static_cast<double>(per_place - i) / (i + 1);
    const int rest = spread.num_gate_groups - per_place;
    for (int i = 0; i < spread.kept_groups - j; ++i) weight *= static_cast<double>(rest - i) / (i + 1);
    if (spread.kept_groups - j > rest) weight = 0;
    weight_sum += weight;
    if (j > 0) hit += weight * (1 - probability_of_none(eligible, j * group, spread.top_k));
  }
  return num_places * hit / weight_sum;
}

}  // namespace moesim
