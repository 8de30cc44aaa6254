#include "sim/routing/solve_offsets.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "base/math.hpp"
#include "base/random.hpp"

namespace moesim {
namespace {

constexpr int kIterations = 40;
constexpr std::int64_t kIterationTokens = 8192;
constexpr std::int64_t kCheckTokens = 16384;
constexpr std::int64_t kRun = 32;                  // neighbouring tokens that are looked at together
constexpr std::int64_t kGreatestStride = 1 << 16;  // from run to run; longer documents give several
constexpr double kFirstGain = 0.4;   // logits over `spread` for a share that is off by a factor e
constexpr double kLessGain = 0.6;    // factor where the error changes sign
constexpr double kGreatestStep = 1;  // of log(target / share)

/// Tokens of many documents, new ones with every call.
class TokenSample {
 public:
  TokenSample(const LayerAffinities& affinities, const Gate& gate, std::int64_t tokens_per_document)
      : affinities_(affinities),
        gate_(gate),
        stride_(std::clamp(tokens_per_document, kRun, kGreatestStride)),
        logits_(static_cast<std::size_t>(kRun * gate.spec().num_experts)),
        uniforms_(gate.spec().random_second ? static_cast<std::size_t>(kRun) : 0) {}

  /// Shares of the choices of `tokens` tokens, [num_experts].
  std::vector<double> shares(std::int64_t tokens) {
    std::vector<double> counts(static_cast<std::size_t>(gate_.spec().num_experts), 0.0);
    for (std::int64_t done = 0; done < tokens; done += kRun, next_ += stride_) {
      affinities_.logits(next_, static_cast<std::size_t>(kRun), logits_);
      RandomStream random(0, stream_of("solve_offsets"), static_cast<std::uint64_t>(next_));
      for (float& uniform : uniforms_) uniform = static_cast<float>(random.next_u32() >> 8U) * 0x1p-24F;
      gate_.route(logits_, {}, uniforms_, routed_);
      for (const std::uint16_t expert : routed_.experts) {
        if (expert != kNoExpert) counts[expert] += 1;
      }
    }
    const double total = sum_fixed_order(counts);
    for (double& count : counts) count /= total;
    return counts;
  }

 private:
  const LayerAffinities& affinities_;
  const Gate& gate_;
  std::int64_t stride_;
  std::int64_t next_ = 0;
  std::vector<float> logits_;
  std::vector<float> uniforms_;  // of GShard's second experts
  RoutedTokens routed_;
};

void centre(std::span<double> offsets) {
  const double middle = mean(offsets);
  for (double& offset : offsets) offset -= middle;
}

/// Half the sum of |a - b|.
double distance(std::span<const double> a, std::span<const double> b) {
  std::vector<double> parts(a.size());
  for (std::size_t i = 0; i < a.size(); ++i) parts[i] = std::abs(a[i] - b[i]) / 2;
  return sum_fixed_order(parts);
}

/// What distance() is expected to be where n choices are drawn with these shares: a normal deviate is
/// sqrt(2 / pi) of its standard deviation on the average.
double expected_noise(std::span<const double> shares, double n) {
  std::vector<double> parts(shares.size());
  for (std::size_t i = 0; i < shares.size(); ++i) {
    parts[i] = std::sqrt(2 / 3.14159265358979 * shares[i] * (1 - shares[i]) / n) / 2;
  }
  return sum_fixed_order(parts);
}

/// A step of each expert's offset towards its target.
class Steps {
 public:
  Steps(std::size_t num_experts, double gain) : gain_(num_experts, gain), last_(num_experts, 0.0) {}

  /// `least`: a share below it cannot be told from it.
  void apply(std::span<const double> targets, std::span<const double> shares, double least,
             std::span<double> offsets) {
    for (std::size_t e = 0; e < offsets.size(); ++e) {
      const double error = log_det(std::max(targets[e], least) / std::max(shares[e], least));
      if (error * last_[e] < 0) gain_[e] *= kLessGain;
      last_[e] = error;
      offsets[e] += gain_[e] * std::clamp(error, -kGreatestStep, kGreatestStep);
    }
    centre(offsets);
  }

 private:
  std::vector<double> gain_;
  std::vector<double> last_;
};

}  // namespace

std::vector<double> capped_shares(std::span<const double> shares, double most) {
  std::vector<double> capped(shares.begin(), shares.end());
  if (most * static_cast<double>(shares.size()) < 1) {
    throw std::invalid_argument("the shares that are left do not add up to 1");
  }
  for (std::size_t round = 0; round < shares.size(); ++round) {
    double excess = 0;
    double free = 0;
    for (double& share : capped) {
      if (share >= most) {
        excess += share - most;
        share = most;
      } else {
        free += share;
      }
    }
    if (excess <= 0 || free <= 0) break;
    for (double& share : capped) {
      if (share < most) share *= 1 + excess / free;
    }
  }
  return capped;
}

OffsetSolution solve_offsets(LayerAffinities affinities, const Gate& gate, std::span<const double> shares,
                             std::int64_t tokens_per_document, double spread) {
  if (shares.size() != static_cast<std::size_t>(gate.spec().num_experts) || !(spread > 0)) {
    throw std::invalid_argument("a share for each expert, and tokens that differ");
  }
  const double most = kMostTokensOfExpert / gate.spec().top_k;
  OffsetSolution solution;
  solution.targets = capped_shares(shares, most);
  for (const double share : shares) solution.num_capped += share > most ? 1 : 0;
  affinities.begin_step(0);
  const std::span<double> offsets = affinities.offsets();
  TokenSample sample(affinities, gate, tokens_per_document);
  Steps steps(offsets.size(), kFirstGain * spread);
  const double choices = static_cast<double>(kIterationTokens) * gate.spec().top_k;
  for (int i = 0; i < kIterations; ++i) {
    steps.apply(solution.targets, sample.shares(kIterationTokens), 0.5 / choices, offsets);
  }
  solution.reached = sample.shares(kCheckTokens);
  solution.offsets.assign(offsets.begin(), offsets.end());
  solution.unreached = distance(solution.reached, solution.targets);
  solution.noise = expected_noise(solution.targets, static_cast<double>(kCheckTokens) * gate.spec().top_k);
  return solution;
}

}  // namespace moesim
