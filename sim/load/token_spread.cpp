#include "sim/load/token_spread.hpp"

#include <algorithm>
#include <numeric>
#include <stdexcept>
#include <tuple>
#include <vector>

#include "base/memo.hpp"
#include "base/random.hpp"

namespace moesim {
namespace {

constexpr int kTokens = 2048;
constexpr std::size_t kKeptSpreads = 1024;  ///< of a search over layouts, which asks for the same ones

/// Probability that none of k experts drawn without replacement from n falls into a block of b.
double probability_of_none(int n, int b, int k) {
  double p = 1;
  for (int i = 0; i < k; ++i) {
    if (n - b - i <= 0) return 0;
    p *= static_cast<double>(n - b - i) / static_cast<double>(n - i);
  }
  return p;
}

bool is_limited(const ExpertSpread& spread) {
  return spread.num_gate_groups > 1 && spread.kept_groups < spread.num_gate_groups;
}

int place_of(int expert, const ExpertSpread& spread, int num_places) {
  return static_cast<int>(std::int64_t{expert} * num_places / spread.num_experts);
}

/// Without a limit: the sum over places of the chance of being chosen at least once.
double expected_unlimited(const ExpertSpread& spread, int num_places) {
  std::vector<int> sizes(static_cast<std::size_t>(num_places));
  for (int e = 0; e < spread.num_experts; ++e) {
    ++sizes[static_cast<std::size_t>(place_of(e, spread, num_places))];
  }
  double sum = 0;
  for (const int size : sizes) sum += 1 - probability_of_none(spread.num_experts, size, spread.top_k);
  return sum;
}

/// The gate of one token: the affinities of all experts, the groups it keeps, the experts it chooses.
class SampledGate {
 public:
  explicit SampledGate(const ExpertSpread& spread)
      : spread_(spread),
        group_size_(spread.num_experts / spread.num_gate_groups),
        affinity_(static_cast<std::size_t>(spread.num_experts)),
        groups_(static_cast<std::size_t>(spread.num_gate_groups)) {}

  /// The chosen experts of `token`.
  std::vector<int> choose(std::uint64_t token) {
    RandomStream random(0, stream_of("token_spread"), token);
    for (double& value : affinity_) value = random.next_u32();
    std::iota(groups_.begin(), groups_.end(), 0);
    std::vector<double> scores;
    for (const int group : groups_) scores.push_back(score(group));
    keep_best(groups_, spread_.kept_groups, [&](int g) { return scores[static_cast<std::size_t>(g)]; });
    std::vector<int> experts;
    for (int i = 0; i < spread_.kept_groups; ++i) {
      for (int e = 0; e < group_size_; ++e)
        experts.push_back(groups_[static_cast<std::size_t>(i)] * group_size_ + e);
    }
    keep_best(experts, spread_.top_k, [&](int e) { return affinity_[static_cast<std::size_t>(e)]; });
    experts.resize(std::min(experts.size(), static_cast<std::size_t>(spread_.top_k)));
    return experts;
  }

 private:
  /// Puts the `count` ids with the greatest values in front, in any order; ties by id.
  template <class ValueOf>
  static void keep_best(std::vector<int>& ids, int count, ValueOf value_of) {
    const auto middle = ids.begin() + std::min<std::ptrdiff_t>(count, std::ssize(ids));
    std::nth_element(ids.begin(), middle, ids.end(), [&](int a, int b) {
      return value_of(a) != value_of(b) ? value_of(a) > value_of(b) : a < b;
    });
  }

  [[nodiscard]] double score(int group) const {
    const auto first = affinity_.begin() + group * group_size_;
    double best = 0;
    double second = 0;
    for (auto value = first; value != first + group_size_; ++value) {
      second = std::max(second, std::min(best, *value));
      best = std::max(best, *value);
    }
    return spread_.group_score == GroupScore::sum_of_two_best ? best + second : best;
  }

  ExpertSpread spread_;
  int group_size_;
  std::vector<double> affinity_;
  std::vector<int> groups_;
};

std::size_t num_distinct_places(const std::vector<int>& experts, const ExpertSpread& spread, int num_places) {
  std::vector<int> places;
  for (const int expert : experts) places.push_back(place_of(expert, spread, num_places));
  std::ranges::sort(places);
  return places.size() - std::ranges::unique(places).size();
}

std::vector<double> sampled_places(const ExpertSpread& spread, std::span<const int> num_places) {
  std::vector<double> expected(num_places.size());
  SampledGate gate(spread);
  for (std::uint64_t token = 0; token < kTokens; ++token) {
    const std::vector<int> chosen = gate.choose(token);
    for (std::size_t i = 0; i < num_places.size(); ++i) {
      expected[i] += static_cast<double>(num_distinct_places(chosen, spread, num_places[i])) / kTokens;
    }
  }
  return expected;
}

}  // namespace

std::vector<double> expected_places(const ExpertSpread& spread, std::span<const int> num_places) {
  for (const int count : num_places) {
    if (count < 1 || count > spread.num_experts) {
      throw std::invalid_argument("the number of places is not between 1 and the number of experts");
    }
  }
  std::vector<double> expected(num_places.size());
  if (!is_limited(spread)) {
    std::ranges::transform(num_places, expected.begin(),
                           [&](int count) { return expected_unlimited(spread, count); });
    return expected;
  }
  using Key = std::tuple<int, int, int, int, GroupScore, std::vector<int>>;
  static Memo<Key, std::vector<double>> memo(kKeptSpreads);
  const Key key{spread.num_experts, spread.top_k,       spread.num_gate_groups,
                spread.kept_groups, spread.group_score, {num_places.begin(), num_places.end()}};
  return memo.of(key, [&] { return sampled_places(spread, num_places); });
}

double expected_places(const ExpertSpread& spread, int num_places) {
  return expected_places(spread, std::span(&num_places, 1)).front();
}

}  // namespace moesim
