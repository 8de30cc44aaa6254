#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/random.hpp"
#include "sim/serving/deployment/pool_spec.hpp"

namespace moesim {

/// Speculation with a chain of k drafts: draft i counts only where all before it were accepted, with the
/// conditional chance p_i. An iteration yields 1 + (accepted drafts) tokens, 1 to k + 1; on average
/// 1 + p_1 + p_1 p_2 + ... + p_1...p_k (Leviathan et al. 2023, equation 1, for constant p). Copies share
/// their tables.
class DraftChain {
 public:
  /// Throws std::invalid_argument for a negative number of drafts, an acceptance outside [0, 1], or a list
  /// that holds neither one value nor one for each draft.
  explicit DraftChain(const SpeculationSpec& spec);

  [[nodiscard]] int drafts() const { return static_cast<int>(acceptance_.size()); }
  /// Mean tokens of an iteration, 1 to drafts() + 1.
  [[nodiscard]] double tokens_per_step() const { return mean_; }
  /// Variance of the tokens of an iteration.
  [[nodiscard]] double tokens_variance() const { return variance_; }
  /// The tokens of one iteration, 1 to drafts() + 1; takes one uniform().
  [[nodiscard]] int accepted(RandomStream& stream) const;
  /// How many iterations a sequence needs until it has `tokens` more tokens: the same for the same `seed` and
  /// `draw` on every call. Cost does not grow with `tokens`. Up to kExactTokens it is drawn from the exact
  /// distribution; before those, the accepted drafts of a run of iterations are drawn together as binomials
  /// (exact for small means, normal above). 0 for none; throws std::invalid_argument for negative `tokens`.
  [[nodiscard]] std::int64_t steps_for(std::int64_t tokens, std::uint64_t seed, std::uint64_t draw) const;

  static constexpr std::int64_t kExactTokens = 128;

 private:
  void make_moments();
  void make_table();
  [[nodiscard]] std::int64_t tokens_of(std::int64_t steps, RandomStream& stream) const;

  std::vector<double> acceptance_;  ///< [drafts]
  std::vector<double> reach_;       ///< [drafts] chance that draft i and all before it are accepted
  double mean_ = 1;
  double variance_ = 0;
  /// P(steps <= t) for n tokens at n (n - 1) / 2 + t - 1, 1 <= t <= n <= kExactTokens.
  std::shared_ptr<const std::vector<double>> steps_cdf_;
};

}  // namespace moesim
