#include "calib/import/expert_load.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <span>

#include "base/math.hpp"
#include "base/random.hpp"

namespace moesim {

namespace {

constexpr std::uint64_t kNumDraws = 16;
constexpr double kNotOne = 1e-9;

using Counts = std::vector<std::int64_t>;

/// The weight below which the share `u` of draws lies.
double power_law_quantile(double u, double alpha, double least, double most) {
  const double p = 1 - alpha;
  if (std::abs(p) < kNotOne) return least * exp_det(u * log_det(most / least));
  const double low = exp_det(p * log_det(least)), high = exp_det(p * log_det(most));
  return exp_det(log_det((high - low) * u + low) / p);
}

std::vector<double> draw_weights(const LoadRule& rule, double alpha, std::uint64_t draw) {
  const bool crowded = rule.tokens * rule.top_k > rule.experts;
  const double least = crowded ? 1 : 0.01;
  const double most = crowded ? 0.8 * static_cast<double>(rule.tokens) : 2;
  RandomStream random(1, stream_of("expert_load"), draw);
  std::vector<double> weights(static_cast<std::size_t>(rule.experts));
  for (double& weight : weights) weight = power_law_quantile(random.uniform(), alpha, least, most);
  return weights;
}

/// Adds `rows` to a block one by one, always to the emptiest. Returns those that found no room.
std::int64_t fill(std::span<std::int64_t> block, std::int64_t rows, std::int64_t most) {
  for (; rows > 0; --rows) {
    const auto emptiest = std::min_element(block.begin(), block.end());
    if (*emptiest >= most) return rows;
    ++*emptiest;
  }
  return 0;
}

/// Takes `rows` from a block one by one, always from the fullest.
std::int64_t drain(std::span<std::int64_t> block, std::int64_t rows) {
  for (; rows > 0; --rows) {
    const auto fullest = std::max_element(block.begin(), block.end());
    if (*fullest <= 0) return rows;
    --*fullest;
  }
  return 0;
}

/// Adds (or takes, where negative) `rows` in equal shares of the blocks, the first ones one more.
void correct(Counts& counts, const LoadRule& rule, std::int64_t rows) {
  const auto block = static_cast<std::size_t>(rule.experts / rule.ep);
  const bool add = rows > 0;
  std::int64_t left = std::abs(rows);
  for (std::int64_t before = -1; left > 0 && left != before;) {
    before = left;
    const std::int64_t share = left / rule.ep, extra = left % rule.ep;
    left = 0;
    for (std::int64_t gpu = 0; gpu < rule.ep; ++gpu) {
      const std::span part(counts.data() + static_cast<std::size_t>(gpu) * block, block);
      const std::int64_t due = share + (gpu < extra ? 1 : 0);
      left += add ? fill(part, due, rule.tokens) : drain(part, due);
    }
  }
}

std::int64_t sum_of(std::span<const std::int64_t> counts) {
  return std::accumulate(counts.begin(), counts.end(), std::int64_t{0});
}

void bring_fullest_first(Counts& counts, const LoadRule& rule) {
  const auto block = static_cast<std::ptrdiff_t>(rule.experts / rule.ep);
  std::ptrdiff_t fullest = 0;
  std::int64_t most = -1;
  for (std::ptrdiff_t gpu = 0; gpu < rule.ep; ++gpu) {
    const std::int64_t rows =
        std::accumulate(counts.begin() + gpu * block, counts.begin() + (gpu + 1) * block, std::int64_t{0});
    if (rows <= most) continue;
    most = rows;
    fullest = gpu;
  }
  if (fullest != 0)
    std::swap_ranges(counts.begin(), counts.begin() + block, counts.begin() + fullest * block);
}

ExpertLoad load_of(std::span<const std::int64_t> counts) {
  ExpertLoad load;
  load.rows = static_cast<double>(sum_of(counts));
  load.touched =
      static_cast<double>(std::count_if(counts.begin(), counts.end(), [](std::int64_t n) { return n > 0; }));
  load.max_rows = static_cast<double>(*std::max_element(counts.begin(), counts.end()));
  return load;
}

template <class CountsOfDraw>
ExpertLoad mean_load(std::uint64_t num_draws, const CountsOfDraw& counts_of) {
  ExpertLoad mean;
  for (std::uint64_t draw = 0; draw < num_draws; ++draw) {
    const ExpertLoad load = counts_of(draw);
    const double share = 1 / static_cast<double>(num_draws);
    mean.rows += share * load.rows;
    mean.touched += share * load.touched;
    mean.max_rows += share * load.max_rows;
  }
  return mean;
}

/// The choices of each token, [tokens x top_k]. From counts: experts by falling count fill column after
/// column, so that no token chooses one twice.
Counts choices_of(const Counts& counts, const LoadRule& rule) {
  std::vector<std::int64_t> order(counts.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](std::int64_t a, std::int64_t b) {
    return counts[static_cast<std::size_t>(a)] > counts[static_cast<std::size_t>(b)];
  });
  Counts choices(static_cast<std::size_t>(rule.tokens * rule.top_k));
  std::int64_t place = 0;
  for (const std::int64_t expert : order) {
    for (std::int64_t i = 0; i < counts[static_cast<std::size_t>(expert)]; ++i, ++place)
      choices[static_cast<std::size_t>(place % rule.tokens * rule.top_k + place / rule.tokens)] = expert;
  }
  return choices;
}

Counts balanced_choices(const LoadRule& rule) {
  const std::int64_t stride = (rule.experts + rule.top_k - 1) / rule.top_k;
  Counts choices;
  for (std::int64_t token = 0; token < rule.tokens; ++token) {
    const std::int64_t first = rule.tokens >= stride ? token : token * stride / rule.tokens;
    for (std::int64_t i = 0; i < rule.top_k; ++i) choices.push_back((first + i * stride) % rule.experts);
  }
  return choices;
}

constexpr std::int64_t kNumGroups = 8;
constexpr std::int64_t kKeptGroups = 4;
constexpr std::int64_t kCounted = 2;

/// Counts one token's choices behind the gate.
void add_limited(std::span<const std::int64_t> choices, std::int64_t group_size, Counts& counts) {
  std::array<std::int64_t, kNumGroups> hits{};
  for (const auto expert : choices) ++hits[static_cast<std::size_t>(expert / group_size)];
  std::array<std::int64_t, kNumGroups> order{};
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](std::int64_t a, std::int64_t b) {
    return std::min(hits[static_cast<std::size_t>(a)], kCounted) >
           std::min(hits[static_cast<std::size_t>(b)], kCounted);
  });
  const std::span kept(order.data(), kKeptGroups);
  std::int64_t cut = 0;
  for (const auto expert : choices) {
    const bool in = std::find(kept.begin(), kept.end(), expert / group_size) != kept.end();
    if (in) ++counts[static_cast<std::size_t>(expert)];
    cut += in ? 0 : 1;
  }
  for (std::int64_t next = *std::min_element(kept.begin(), kept.end()) * group_size; cut > 0; ++next) {
    if (std::find(choices.begin(), choices.end(), next) != choices.end()) continue;
    ++counts[static_cast<std::size_t>(next)];
    --cut;
  }
}

ExpertLoad limited(const Counts& choices, const LoadRule& rule) {
  Counts counts(static_cast<std::size_t>(rule.experts));
  const auto top_k = static_cast<std::size_t>(rule.top_k);
  for (std::size_t first = 0; first < choices.size(); first += top_k)
    add_limited(std::span(choices).subspan(first, top_k), rule.experts / kNumGroups, counts);
  return load_of(counts);
}

}  // namespace

std::vector<std::int64_t> draw_power_law(const LoadRule& rule, double alpha, std::uint64_t draw) {
  const auto weights = draw_weights(rule, alpha, draw);
  const double total = std::accumulate(weights.begin(), weights.end(), 0.0);
  const std::int64_t rows = rule.tokens * rule.top_k;
  Counts counts;
  std::int64_t overflow = 0;
  for (const double weight : weights) {
    const auto count = static_cast<std::int64_t>(std::nearbyint(weight / total * static_cast<double>(rows)));
    overflow += std::max(count - rule.tokens, std::int64_t{0});
    counts.push_back(std::min(count, rule.tokens));
  }
  correct(counts, rule, overflow);
  correct(counts, rule, rows - sum_of(counts));
  bring_fullest_first(counts, rule);
  return counts;
}

ExpertLoad power_law_load(const LoadRule& rule, double alpha) {
  return mean_load(kNumDraws, [&](std::uint64_t draw) {
    const auto counts = draw_power_law(rule, alpha, draw);
    return load_of(std::span(counts).first(static_cast<std::size_t>(rule.experts / rule.ep)));
  });
}

ExpertLoad balanced_load(const LoadRule& rule) {
  Counts counts(static_cast<std::size_t>(rule.experts));
  for (const auto expert : balanced_choices(rule)) ++counts[static_cast<std::size_t>(expert)];
  return load_of(counts);
}

ExpertLoad group_limited_load(const LoadRule& rule, double alpha) {
  if (alpha == 0) return limited(balanced_choices(rule), rule);
  constexpr std::uint64_t kFewDraws = 4;  // each goes through every token
  return mean_load(kFewDraws, [&](std::uint64_t draw) {
    return limited(choices_of(draw_power_law(rule, alpha, draw), rule), rule);
  });
}

const ExpertLoad& ExpertLoads::load(const LoadRule& rule, double alpha, bool group_limited) {
  const auto [at, is_new] = known_.try_emplace(
      Key{rule.tokens, rule.experts, rule.top_k, rule.ep, alpha, group_limited}, ExpertLoad{});
  if (!is_new) return at->second;
  if (group_limited) {
    at->second = group_limited_load(rule, alpha);
  } else {
    at->second = alpha > 0 ? power_law_load(rule, alpha) : balanced_load(rule);
  }
  return at->second;
}

}  // namespace moesim
