#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/random.hpp"
#include "workloads/affinity/affinity_spec.hpp"
#include "workloads/affinity/document_topics.hpp"
#include "workloads/affinity/noise_pool.hpp"

namespace moesim {

/// What the tokens of a step are.
enum class BatchMode : std::uint8_t {
  training,  ///< documents one after the other, new ones each step
  decode,    ///< token i is the next one of request slot i; a request is a document, slots are staggered
};

/// The logits of the tokens of one MoE layer, step by step:
///   offset[expert] + document's topics + sqrt(correlation) block noise + sqrt(1 - correlation) token noise,
/// both noises of standard deviation token_sigma (docs/routing-model.md). Everything is drawn from (seed,
/// layer, step, token), documents and blocks in place of the token where tokens share.
class LayerAffinities {
 public:
  /// `pool` has num_experts columns and may be shared; nullptr draws every token's noise afresh, which is two
  /// orders of magnitude slower (the twin that the pool is tested against). `layer` tells layers apart, in
  /// [0, 2^31). Throws std::invalid_argument.
  LayerAffinities(const AffinitySpec& spec, int num_experts, std::uint64_t seed, int layer,
                  std::shared_ptr<const NoisePool> pool, BatchMode mode = BatchMode::training);

  /// Steps come in order from 0; step 0 may begin again, after which offsets() were solved. Otherwise throws
  /// std::invalid_argument. Step 0 takes offsets() as the popularity. Each later step moves the popularity p
  /// about its centre c with own spread s,
  ///   p' = c + sqrt(1 - drift^2 / s^2) (p - c) + drift N(0, 1),
  /// so that its variance over time stays s^2, and adds its change to offsets(); what the caller or a domain
  /// shift added stays. logit_normal: c = 0, s = sigma. Laws of shares: mean and standard deviation over
  /// experts of the offsets at step 0; SpecError at /drift where drift exceeds s. even: p' = p + drift N(0,
  /// 1), a random walk whose variance grows by drift^2 a step.
  /// In decode with mixed topics the mixtures of the first `num_slots` slots are kept from step to step,
  /// which makes their logits() several times faster and changes none.
  void begin_step(std::int64_t step, std::size_t num_slots = 0);
  /// -1 before the first.
  [[nodiscard]] std::int64_t step() const { return step_; }

  /// [num_experts] logits; may be changed between steps (solved shares, effect of losses, reinforcement).
  std::span<double> offsets() { return offsets_; }
  [[nodiscard]] std::span<const double> offsets() const { return offsets_; }
  /// The shares of the choices that experts are to get, [num_experts], sum 1; empty for even and
  /// logit_normal. A share above 1 / top_k cannot be had.
  [[nodiscard]] std::vector<double> target_shares() const;

  /// Logits of tokens first_token .. first_token + n - 1 of the step, out [n, num_experts]. A pure function
  /// of (seed, layer, step, token) and offsets(), the same bits however tokens are split over calls and
  /// threads. Throws std::invalid_argument before the first step, for tokens outside [0, 2^31) and another
  /// size of `out`.
  void logits(std::int64_t first_token, std::size_t n, std::span<float> out) const;

  /// The document of a token of the step, and the token's place in it. Ids are those that topics are drawn
  /// by, alike in all layers.
  [[nodiscard]] DocumentPlace place_of(std::int64_t token) const;
  [[nodiscard]] int num_experts() const { return num_experts_; }

 private:
  struct Rows;
  void find_reversion();
  void move_popularity(std::int64_t step);
  void keep_mixtures(std::size_t num_slots);
  [[nodiscard]] std::int64_t segment_end(std::int64_t token, std::int64_t end) const;
  void make_base(std::int64_t token, Rows& rows) const;
  void add_token_noise(std::int64_t first, std::int64_t last, const float* base, float* out) const;

  AffinitySpec spec_;
  int num_experts_;
  std::uint64_t seed_;
  int layer_;
  BatchMode mode_;
  std::shared_ptr<const NoisePool> pool_;
  DocumentTopics topics_;
  StreamKey token_key_;
  StreamKey block_key_;
  StreamKey slot_key_;
  float token_scale_;
  float block_scale_;
  std::int64_t step_ = -1;
  std::vector<double> offsets_;
  std::vector<double> kept_mixtures_;  // [slots kept, topics]
  std::vector<double> popularity_;     // the part of the offsets that drifts
  double centre_ = 0;
  double kept_ = 1;  // of the distance from the centre, each step
};

}  // namespace moesim
