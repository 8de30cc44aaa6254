#include "workloads/affinity/affinity_source.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "base/error.hpp"
#include "base/math.hpp"
#include "workloads/affinity/noise_rows.hpp"
#include "workloads/affinity/popularity_shares.hpp"

namespace moesim {
namespace {

StreamKey layer_key(std::uint64_t seed, std::string_view name, int layer) {
  return {seed, stream_of(fmt::format("affinity:{}:{}", name, layer))};
}

std::uint64_t pack(std::int64_t high, std::int64_t low) {
  return (static_cast<std::uint64_t>(high) << 32) | static_cast<std::uint64_t>(low);
}

/// The four words of block `block` of index `index`, as RandomStream draws them.
std::array<std::uint32_t, 4> words_at(const StreamKey& key, std::uint64_t index, std::uint64_t block) {
  return philox4x32({static_cast<std::uint32_t>(block), static_cast<std::uint32_t>(block >> 32),
                     static_cast<std::uint32_t>(index), static_cast<std::uint32_t>(index >> 32)},
                    key.words);
}

/// Standard deviation of the sum of two rows that make one noise of standard deviation `sigma`.
float row_scale(double sigma, bool from_pool) {
  return static_cast<float>(from_pool ? sigma / std::sqrt(2.0) : sigma);
}

/// out = base + scale * (A[i] + B[j]), the sum turned by r experts: i and j come from the halves of `rows`,
/// r from `turn`.
void add_pool_noise(const NoisePool& pool, std::uint32_t rows, std::uint32_t turn, const float* base,
                    float scale, float* out) {
  const auto width = static_cast<std::size_t>(pool.num_experts());
  const auto mask = static_cast<std::uint32_t>(pool.num_rows() - 1);
  const std::size_t r = (std::uint64_t{turn} * width) >> 32;
  const float* a = pool.a(rows & mask);
  const float* b = pool.b((rows >> 16) & mask);
  const std::size_t straight = width - r;
  add_scaled_sum(base, a + r, b + r, scale, straight, out);
  add_scaled_sum(base + straight, a, b, scale, r, out + straight);
}

/// out = base + scale * fresh normals.
void add_fresh_noise(RandomStream random, std::size_t n, const float* base, float scale, float* out) {
  for (std::size_t e = 0; e < n; ++e) out[e] = base[e] + scale * static_cast<float>(random.normal());
}

}  // namespace

/// Rows that a call of logits() works in, [num_experts] each.
struct LayerAffinities::Rows {
  std::vector<float> offsets;
  std::vector<float> base;  // of the segment: offsets, topics, block noise
};

LayerAffinities::LayerAffinities(const AffinitySpec& spec, int num_experts, std::uint64_t seed, int layer,
                                 std::shared_ptr<const NoisePool> pool, BatchMode mode)
    : spec_(spec),
      num_experts_(num_experts),
      seed_(seed),
      layer_(layer),
      mode_(mode),
      pool_(std::move(pool)),
      topics_(spec.topics, num_experts, seed, layer),
      token_key_(layer_key(seed, "token", layer)),
      block_key_(layer_key(seed, "block", layer)),
      slot_key_(seed, stream_of("affinity:slot")),
      token_scale_(
          row_scale(spec.token_sigma * std::sqrt(1 - spec.persistence.correlation), pool_ != nullptr)),
      block_scale_(row_scale(spec.token_sigma * std::sqrt(spec.persistence.correlation), pool_ != nullptr)),
      offsets_(static_cast<std::size_t>(num_experts), 0.0) {
  if (num_experts < 1) throw std::invalid_argument("affinities for no experts");
  if (layer < 0) throw std::invalid_argument("the number of a layer is negative");
  if (pool_ && pool_->num_experts() != num_experts) {
    throw std::invalid_argument(
        fmt::format("a noise pool of {} experts for a layer of {}", pool_->num_experts(), num_experts));
  }
  if (spec.popularity.law != PopularityLaw::logit_normal) return;
  RandomStream random(layer_key(seed, "popularity", layer), 0);
  for (double& offset : offsets_) offset = spec.popularity.sigma * random.normal();
}

std::vector<double> LayerAffinities::target_shares() const {
  return popularity_shares(spec_.popularity, num_experts_, seed_, layer_);
}

void LayerAffinities::begin_step(std::int64_t step, std::size_t num_slots) {
  const bool again = step == 0 && step_ == 0;
  if (step != step_ + 1 && !again) {
    throw std::invalid_argument(fmt::format("step {} of affinities after step {}", step, step_));
  }
  if (step > 0 && spec_.drift > 0) {
    if (step == 1) find_reversion();
    move_popularity(step);
  }
  if (step == 0) popularity_ = offsets_;
  for (const DomainShift& shift : spec_.shifts) {
    if (shift.step != step) continue;
    RandomStream random(layer_key(seed_, "shift", layer_), static_cast<std::uint64_t>(step));
    for (double& offset : offsets_) offset += shift.spread * random.normal();
  }
  step_ = step;
  if (mode_ == BatchMode::decode && topics_.mixed()) keep_mixtures(num_slots);
}

/// Draws those of new slots and of slots whose document begins.
void LayerAffinities::keep_mixtures(std::size_t num_slots) {
  const std::size_t known = kept_mixtures_.size() / topics_.count();
  kept_mixtures_.resize(num_slots * topics_.count());
  for (std::size_t slot = 0; slot < num_slots; ++slot) {
    const DocumentPlace place = place_of(static_cast<std::int64_t>(slot));
    if (slot < known && place.token != 0) continue;
    const auto weights = topics_.weights(place.document);
    std::copy(weights.begin(), weights.end(),
              kept_mixtures_.begin() + static_cast<std::ptrdiff_t>(slot * topics_.count()));
  }
}

/// Centre and spread of the popularity of step 0.
void LayerAffinities::find_reversion() {
  if (spec_.popularity.law == PopularityLaw::even) return;
  double spread = spec_.popularity.sigma;
  if (spec_.popularity.law != PopularityLaw::logit_normal) {
    centre_ = mean(popularity_);
    double squares = 0;
    for (const double p : popularity_) squares += (p - centre_) * (p - centre_);
    spread = std::sqrt(squares / static_cast<double>(popularity_.size()));
  }
  if (spec_.drift > spread) {
    throw SpecError(
        "", "/drift",
        fmt::format("a step adds {} to logits whose own spread over the experts of layer {} is {:.4g}",
                    spec_.drift, layer_, spread),
        "give at most that spread");
  }
  const double ratio = spec_.drift / spread;
  kept_ = std::sqrt(1 - ratio * ratio);
}

void LayerAffinities::move_popularity(std::int64_t step) {
  RandomStream random(layer_key(seed_, "drift", layer_), static_cast<std::uint64_t>(step));
  for (std::size_t e = 0; e < popularity_.size(); ++e) {
    const double change = (kept_ - 1) * (popularity_[e] - centre_) + spec_.drift * random.normal();
    popularity_[e] += change;
    offsets_[e] += change;
  }
}

DocumentPlace LayerAffinities::place_of(std::int64_t token) const {
  const std::int64_t length = spec_.topics.tokens_per_document;
  if (mode_ == BatchMode::training) return {pack(step_, token / length), token % length};
  const std::uint64_t stagger =
      RandomStream(slot_key_, static_cast<std::uint64_t>(token)).below(static_cast<std::uint64_t>(length));
  const std::int64_t age = step_ + static_cast<std::int64_t>(stagger);
  return {pack(token, age / length), age % length};
}

/// The end of the run of tokens from `token` on whose logits differ by token noise alone.
std::int64_t LayerAffinities::segment_end(std::int64_t token, std::int64_t end) const {
  if (!topics_.any() && block_scale_ == 0) return end;
  if (mode_ == BatchMode::decode) return token + 1;
  const std::int64_t length = spec_.topics.tokens_per_document;
  const std::int64_t place = token % length;
  std::int64_t left = length - place;
  if (block_scale_ != 0) left = std::min(left, spec_.persistence.tokens - place % spec_.persistence.tokens);
  return std::min(end, token + left);
}

void LayerAffinities::make_base(std::int64_t token, Rows& rows) const {
  if (!topics_.any() && block_scale_ == 0) {
    rows.base = rows.offsets;
    return;
  }
  const DocumentPlace place = place_of(token);
  std::copy(rows.offsets.begin(), rows.offsets.end(), rows.base.begin());
  const auto slot = static_cast<std::size_t>(token);
  if (slot < kept_mixtures_.size() / std::max<std::size_t>(topics_.count(), 1)) {
    topics_.add_mixture(std::span(kept_mixtures_).subspan(slot * topics_.count(), topics_.count()),
                        rows.base);
  } else {
    topics_.add_to(place.document, rows.base);
  }
  if (block_scale_ == 0) return;
  const auto words = words_at(block_key_, place.document,
                              static_cast<std::uint64_t>(place.token / spec_.persistence.tokens));
  float* base = rows.base.data();
  if (pool_) {
    add_pool_noise(*pool_, words[0], words[1], base, block_scale_, base);
  } else {
    const std::uint64_t own_seed = (std::uint64_t{words[1]} << 32) | words[0];
    add_fresh_noise(RandomStream(own_seed, stream_of("affinity:fresh_block")), rows.base.size(), base,
                    block_scale_, base);
  }
}

/// Tokens [first, last) of one segment.
void LayerAffinities::add_token_noise(std::int64_t first, std::int64_t last, const float* base,
                                      float* out) const {
  const auto width = static_cast<std::size_t>(num_experts_);
  std::array<std::uint32_t, 4> words{};
  for (std::int64_t token = first; token < last; ++token, out += width) {
    if (!pool_) {
      add_fresh_noise(RandomStream(token_key_, pack(step_, token)), width, base, token_scale_, out);
      continue;
    }
    if (token == first || token % 2 == 0) {
      words = words_at(token_key_, static_cast<std::uint64_t>(step_), static_cast<std::uint64_t>(token / 2));
    }
    const auto half = static_cast<std::size_t>(token % 2) * 2;
    add_pool_noise(*pool_, words[half], words[half + 1], base, token_scale_, out);
  }
}

void LayerAffinities::logits(std::int64_t first_token, std::size_t n, std::span<float> out) const {
  constexpr std::int64_t kMaxTokens = std::numeric_limits<std::int32_t>::max();
  const auto width = static_cast<std::size_t>(num_experts_);
  if (step_ < 0) throw std::invalid_argument("logits before the first step");
  if (first_token < 0 || first_token > kMaxTokens || n > static_cast<std::size_t>(kMaxTokens - first_token) ||
      out.size() != n * width) {
    throw std::invalid_argument(
        fmt::format("logits of {} tokens from {} on in {} floats", n, first_token, out.size()));
  }
  Rows rows{std::vector<float>(width), std::vector<float>(width)};
  for (std::size_t e = 0; e < width; ++e) rows.offsets[e] = static_cast<float>(offsets_[e]);
  const std::int64_t end = first_token + static_cast<std::int64_t>(n);
  float* to = out.data();
  for (std::int64_t token = first_token; token < end;) {
    const std::int64_t last = segment_end(token, end);
    make_base(token, rows);
    add_token_noise(token, last, rows.base.data(), to);
    to += static_cast<std::size_t>(last - token) * width;
    token = last;
  }
}

}  // namespace moesim
