#include "sim/routing/layer_routing.hpp"

#include <algorithm>
#include <stdexcept>

#include <fmt/format.h>

#include "base/random.hpp"

namespace moesim {
namespace {

constexpr std::int64_t kBlockTokens = 256;   // whose logits stay in the L2 cache
constexpr std::int64_t kChunkTokens = 4096;  // of a chunk, about
constexpr std::int64_t kSlopeTokens = 64;    // that score_slopes looks at
constexpr std::uint16_t kUnused = kNoExpert;

std::vector<double> as_doubles(std::span<const std::uint32_t> counts) {
  return {counts.begin(), counts.end()};
}

}  // namespace

LayerRouting::LayerRouting(const LayerRoutingSpec& spec, std::shared_ptr<const Gate> gate,
                           LayerAffinities affinities)
    : spec_(spec), gate_(std::move(gate)), affinities_(std::move(affinities)) {
  const GateSpec& shape = gate_->spec();
  if (affinities_.num_experts() != shape.num_experts || spec_.loss_shape.num_experts != shape.num_experts ||
      spec_.loss_shape.top_k != shape.top_k) {
    throw std::invalid_argument(fmt::format("a gate of {} experts, affinities of {}, losses of {}",
                                            shape.num_experts, affinities_.num_experts(),
                                            spec_.loss_shape.num_experts));
  }
  if (spec_.tokens < 1 || spec_.tokens_per_sequence < 1) throw std::invalid_argument("a batch has tokens");
  const auto num_experts = static_cast<std::size_t>(shape.num_experts);
  if (shape.has_bias) bias_.assign(num_experts, 0.0F);
  result_.chosen.assign(num_experts, 0);
  make_parts();
}

void LayerRouting::make_parts() {
  const auto num_experts = static_cast<std::size_t>(gate_->spec().num_experts);
  const bool whole = spec_.losses.any();
  const std::int64_t unit = whole ? spec_.tokens_per_sequence : kBlockTokens;
  const std::int64_t length = unit * std::max<std::int64_t>(1, kChunkTokens / unit);
  for (std::int64_t first = 0; first < spec_.tokens; first += length) {
    Part part;
    part.first = first;
    part.tokens = std::min(length, spec_.tokens - first);
    part.chosen.assign(num_experts, 0);
    if (whole) {
      const auto sequences = static_cast<std::size_t>((part.tokens + unit - 1) / unit);
      part.batch.assign(sequences, BalanceSums(spec_.loss_shape));
      part.unbiased = spec_.losses.sequence != 0 ? part.batch : std::vector<BalanceSums>();
    }
    parts_.push_back(std::move(part));
  }
}

void LayerRouting::begin_step(std::int64_t step, bool keep_choices) {
  const std::vector<double> before(offsets().begin(), offsets().end());
  affinities_.begin_step(step, static_cast<std::size_t>(spec_.tokens));
  if (natural_.empty()) {
    natural_.assign(offsets().begin(), offsets().end());
  } else {
    for (std::size_t e = 0; e < natural_.size(); ++e) natural_[e] += offsets()[e] - before[e];
  }
  step_ = step;
  keep_choices_ = keep_choices;
  const auto num_choices = static_cast<std::size_t>(spec_.tokens * gate_->spec().top_k);
  choices_.resize(needs_choices() ? num_choices : 0);
  weights_.resize(spec_.capacity ? num_choices : 0);
}

void LayerRouting::route_chunk(std::size_t chunk, RoutingScratch& scratch) {
  Part& part = parts_[chunk];
  std::fill(part.chosen.begin(), part.chosen.end(), 0U);
  for (BalanceSums& sums : part.batch) sums.clear();
  for (BalanceSums& sums : part.unbiased) sums.clear();
  const std::int64_t end = part.first + part.tokens;
  for (std::int64_t first = part.first; first < end;) {
    std::int64_t last = std::min(first + kBlockTokens, end);
    if (!part.batch.empty()) {
      last = std::min(last, (first / spec_.tokens_per_sequence + 1) * spec_.tokens_per_sequence);
    }
    route_block(first, last - first, part, scratch);
    first = last;
  }
}

void LayerRouting::route_block(std::int64_t first, std::int64_t tokens, Part& part, RoutingScratch& scratch) {
  const GateSpec& shape = gate_->spec();
  scratch.logits.resize(static_cast<std::size_t>(tokens * shape.num_experts));
  affinities_.logits(first, static_cast<std::size_t>(tokens), scratch.logits);
  scratch.uniforms.clear();
  if (shape.random_second) draw_uniforms(step_, first, tokens, scratch.uniforms);
  std::vector<double> scores(part.batch.empty() ? 0 : static_cast<std::size_t>(shape.num_experts), 0.0);
  gate_->route(scratch.logits, bias_, scratch.uniforms, scratch.routed, scores);
  for (const std::uint16_t expert : scratch.routed.experts) {
    if (expert != kUnused) ++part.chosen[expert];
  }
  if (!part.batch.empty()) add_losses(scratch.logits, scratch.routed, scores, first, part, scratch);
  if (!needs_choices()) return;
  const auto at = static_cast<std::ptrdiff_t>(first * shape.top_k);
  std::copy(scratch.routed.experts.begin(), scratch.routed.experts.end(), choices_.begin() + at);
  if (spec_.capacity) {
    std::copy(scratch.routed.weights.begin(), scratch.routed.weights.end(), weights_.begin() + at);
  }
}

/// Adds a block of one sequence.
void LayerRouting::add_losses(std::span<const float> logits, const RoutedTokens& routed,
                              std::vector<double>& scores, std::int64_t first, Part& part,
                              RoutingScratch& scratch) {
  const auto sequence = static_cast<std::size_t>((first - part.first) / spec_.tokens_per_sequence);
  const auto add = [&](const std::vector<std::uint16_t>& experts, BalanceSums& sums) {
    count_choices(spec_.loss_shape, experts, sums);
    for (std::size_t e = 0; e < scores.size(); ++e) sums.scores[e] += scores[e];
  };
  add(routed.experts, part.batch[sequence]);
  if (part.unbiased.empty()) return;
  if (!bias_moved_) return add(routed.experts, part.unbiased[sequence]);
  gate_->route(logits, {}, scratch.uniforms, scratch.unbiased);
  add(scratch.unbiased.experts, part.unbiased[sequence]);
}

/// One number in [0, 1) for each token, of 24 bits. Blocks begin at multiples of the block or a sequence.
void LayerRouting::draw_uniforms(std::int64_t step, std::int64_t first, std::int64_t tokens,
                                 std::vector<float>& uniforms) const {
  const StreamKey key(spec_.seed, stream_of(fmt::format("second_expert:{}", spec_.layer)));
  uniforms.resize(static_cast<std::size_t>(tokens));
  for (std::int64_t i = 0; i < tokens; ++i) {
    const auto index = (static_cast<std::uint64_t>(step) << 32U) | static_cast<std::uint64_t>(first + i);
    constexpr float kUnit = 0x1p-24F;
    uniforms[static_cast<std::size_t>(i)] =
        static_cast<float>(RandomStream(key, index).next_u32() >> 8U) * kUnit;
  }
}

const LayerStep& LayerRouting::end_step() {
  merge_counts();
  drop();
  take_losses();
  const std::vector<double> load = as_doubles(result_.chosen);
  const double speed = spec_.bias.speed_at(step_);
  if (!bias_.empty() && speed != 0) {
    update_bias(spec_.bias.bias_rule, speed, load, bias_);
    bias_moved_ = true;
  }
  if (spec_.reinforcement != 0) reinforce(spec_.reinforcement, load, affinities_.offsets());
  return result_;
}

const LayerStep& LayerRouting::run_step(std::int64_t step, RoutingScratch& scratch) {
  begin_step(step);
  for (std::size_t chunk = 0; chunk < num_chunks(); ++chunk) route_chunk(chunk, scratch);
  return end_step();
}

std::vector<double> LayerRouting::validate(std::int64_t steps, RoutingScratch& scratch) const {
  const GateSpec& shape = gate_->spec();
  LayerAffinities frozen = affinities_;
  std::vector<double> chosen(static_cast<std::size_t>(shape.num_experts), 0.0);
  for (std::int64_t step = step_ + 1; step <= step_ + steps; ++step) {
    frozen.begin_step(step, static_cast<std::size_t>(spec_.tokens));
    std::ranges::copy(offsets(), frozen.offsets().begin());
    for (std::int64_t first = 0; first < spec_.tokens; first += kBlockTokens) {
      const std::int64_t tokens = std::min(kBlockTokens, spec_.tokens - first);
      scratch.logits.resize(static_cast<std::size_t>(tokens * shape.num_experts));
      frozen.logits(first, static_cast<std::size_t>(tokens), scratch.logits);
      scratch.uniforms.clear();
      if (shape.random_second) draw_uniforms(step, first, tokens, scratch.uniforms);
      gate_->route(scratch.logits, bias_, scratch.uniforms, scratch.routed);
      for (const std::uint16_t expert : scratch.routed.experts) {
        if (expert != kUnused) chosen[expert] += 1;
      }
    }
  }
  return chosen;
}

void LayerRouting::merge_counts() {
  std::fill(result_.chosen.begin(), result_.chosen.end(), 0U);
  for (const Part& part : parts_) {
    for (std::size_t e = 0; e < part.chosen.size(); ++e) result_.chosen[e] += part.chosen[e];
  }
  result_.num_chosen = 0;
  for (const std::uint32_t count : result_.chosen) result_.num_chosen += count;
}

void LayerRouting::drop() {
  result_.num_dropped = 0;
  if (!spec_.capacity) {
    result_.kept = result_.chosen;
    return;
  }
  const GateSpec& shape = gate_->spec();
  std::vector<std::uint8_t> is_protected;
  if (spec_.capacity->protected_fraction > 0) {
    is_protected = protected_tokens(spec_.seed, step_ * spec_.tokens, static_cast<std::size_t>(spec_.tokens),
                                    spec_.tokens_per_sequence, spec_.capacity->protected_fraction);
  }
  const CapacityInput input{shape.num_experts, spec_.loss_shape.num_devices, shape.top_k, choices_, weights_,
                            is_protected};
  apply_capacity(*spec_.capacity, input, capacity_);
  result_.kept = capacity_.rows;
  result_.num_dropped = capacity_.dropped;
  for (std::size_t i = 0; i < choices_.size(); ++i) {
    if (capacity_.kept[i] == 0) choices_[i] = kUnused;
  }
}

void LayerRouting::take_losses() {
  if (!spec_.losses.any()) return;
  LossMeter meter(spec_.losses, spec_.loss_shape);
  BalanceSums batch(spec_.loss_shape);
  for (const Part& part : parts_) {
    for (const BalanceSums& sequence : part.batch) {
      if (spec_.losses.scope == LossScope::sequence) {
        meter.add(sequence);
      } else {
        batch += sequence;
      }
    }
    for (const BalanceSums& sequence : part.unbiased) meter.add_sequence(sequence);
  }
  if (spec_.losses.scope == LossScope::batch) meter.add(batch);
  result_.losses = meter.mean();
  apply_losses(spec_.loss_dynamics, meter.gradient(slopes()), natural_, affinities_.offsets());
}

/// From the first tokens of the step.
std::vector<double> LayerRouting::slopes() const {
  const std::int64_t tokens = std::min(kSlopeTokens, spec_.tokens);
  std::vector<float> logits(static_cast<std::size_t>(tokens * gate_->spec().num_experts));
  affinities_.logits(0, static_cast<std::size_t>(tokens), logits);
  return score_slopes(gate_->spec().scoring, logits, gate_->spec().num_experts);
}

}  // namespace moesim
