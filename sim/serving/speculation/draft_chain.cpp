#include "sim/serving/speculation/draft_chain.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "sim/serving/speculation/binomial.hpp"

namespace moesim {
namespace {

constexpr std::uint64_t kStream = stream_of("steps of a draft chain");

/// Standard deviations by which a run of iterations is cut short of what is wanted, so that it does not go
/// beyond.
constexpr double kMargin = 6;

std::size_t row_of(std::int64_t tokens) {
  return static_cast<std::size_t>(tokens * (tokens - 1) / 2);
}

}  // namespace

DraftChain::DraftChain(const SpeculationSpec& spec) {
  if (spec.drafts < 0) throw std::invalid_argument("a negative number of drafts");
  const auto drafts = static_cast<std::size_t>(spec.drafts);
  if (drafts > 0 && spec.acceptance.size() != 1 && spec.acceptance.size() != drafts)
    throw std::invalid_argument("acceptances of another number of drafts");
  for (const double p : spec.acceptance) {
    if (!(p >= 0 && p <= 1)) throw std::invalid_argument("an acceptance outside [0, 1]");
  }
  if (drafts == 0) return;
  acceptance_ = spec.acceptance;
  acceptance_.resize(drafts, spec.acceptance.front());
  make_moments();
  make_table();
}

void DraftChain::make_moments() {
  double reach = 1;
  double square = 1;
  for (std::size_t i = 0; i < acceptance_.size(); ++i) {
    reach *= acceptance_[i];
    reach_.push_back(reach);
    mean_ += reach;
    square += reach * static_cast<double>(2 * i + 3);  // (i + 2)^2 - (i + 1)^2
  }
  variance_ = std::max(0.0, square - mean_ * mean_);
}

// P(T(n) = t) = sum over j of P(an iteration yields j) P(T(n - j) = t - 1), with T(n) = 0 for n <= 0.
void DraftChain::make_table() {
  std::vector<double> pmf(row_of(kExactTokens + 1), 0.0);
  for (std::int64_t n = 1; n <= kExactTokens; ++n) {
    double* row = &pmf[row_of(n)];
    for (std::int64_t j = 1; j <= drafts() + 1; ++j) {
      const auto at = static_cast<std::size_t>(j);
      const double chance = (at == 1 ? 1 : reach_[at - 2]) - (at <= reach_.size() ? reach_[at - 1] : 0);
      if (j >= n) {
        row[0] += chance;
        continue;
      }
      const double* rest = &pmf[row_of(n - j)];
      for (std::int64_t t = 1; t <= n - j; ++t) row[t] += chance * rest[t - 1];
    }
  }
  for (std::int64_t n = 1; n <= kExactTokens; ++n) {
    double* row = &pmf[row_of(n)];
    for (std::int64_t t = 1; t < n; ++t) row[t] += row[t - 1];
  }
  steps_cdf_ = std::make_shared<const std::vector<double>>(std::move(pmf));
}

int DraftChain::accepted(RandomStream& stream) const {
  if (reach_.empty()) return 1;
  const double u = stream.uniform();
  int tokens = 1;
  for (const double reach : reach_) {
    if (u >= reach) break;
    ++tokens;
  }
  return tokens;
}

/// Of `steps` iterations binomially many accept the first draft, of those the second, and so on.
std::int64_t DraftChain::tokens_of(std::int64_t steps, RandomStream& stream) const {
  std::int64_t tokens = steps;
  std::int64_t alive = steps;
  for (const double p : acceptance_) {
    alive = draw_binomial(alive, p, stream);
    tokens += alive;
  }
  return tokens;
}

std::int64_t DraftChain::steps_for(std::int64_t tokens, std::uint64_t seed, std::uint64_t draw) const {
  if (tokens < 0) throw std::invalid_argument("a negative number of tokens");
  if (acceptance_.empty() || tokens == 0) return tokens;
  RandomStream stream(seed, kStream, draw);
  std::int64_t steps = 0;
  std::int64_t left = tokens;
  while (left > kExactTokens) {
    const auto wanted = static_cast<double>(left);
    const double short_of = wanted - kMargin * std::sqrt(variance_ * wanted / mean_);
    const std::int64_t run = std::max(static_cast<std::int64_t>(short_of / mean_),
                                      (left - 1) / (drafts() + 1));  // that many never go beyond
    steps += run;
    left -= tokens_of(run, stream);
    if (left <= 0) return steps;  // six standard deviations away
  }
  const double* row = &(*steps_cdf_)[row_of(left)];
  const double* found = std::upper_bound(row, row + left - 1, stream.uniform());
  return steps + (found - row) + 1;
}

}  // namespace moesim
