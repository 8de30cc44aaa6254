#include "sim/routing/gate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>

#include "sim/routing/simd/gate_kernel.hpp"
#include "sim/routing/simd/gate_memory.hpp"

namespace moesim {
namespace {

[[noreturn]] void refuse(const std::string& what) {
  throw std::invalid_argument("gate: " + what);
}

bool is_limited(const GateSpec& spec) {
  return spec.topk_groups < spec.num_groups;
}

void check_groups(const GateSpec& spec) {
  if (spec.num_groups < 1 || spec.num_experts % spec.num_groups != 0) {
    refuse(fmt::format("{} experts do not divide into {} groups", spec.num_experts, spec.num_groups));
  }
  if (spec.topk_groups < 1 || spec.topk_groups > spec.num_groups) {
    refuse(fmt::format("a token reaches {} of {} groups", spec.topk_groups, spec.num_groups));
  }
  const int group_size = spec.num_experts / spec.num_groups;
  if (spec.top_k > spec.topk_groups * group_size) {
    refuse(fmt::format("{} groups hold fewer than {} experts", spec.topk_groups, spec.top_k));
  }
  if (!is_limited(spec)) return;
  if (spec.group_score == GroupScore::none) refuse("groups limit, but nothing scores them");
  if (spec.group_score == GroupScore::sum_of_two_best && group_size < 2) {
    refuse("the two best of groups of one expert");
  }
}

const GateSpec& checked(const GateSpec& spec) {
  if (spec.num_experts < 1 || spec.num_experts >= kNoExpert) {
    refuse(fmt::format("{} experts, from 1 to {} can be", spec.num_experts, kNoExpert - 1));
  }
  if (spec.top_k < 1 || spec.top_k > spec.num_experts) {
    refuse(fmt::format("the best {} of {} experts", spec.top_k, spec.num_experts));
  }
  check_groups(spec);
  if (!(spec.route_scale > 0) || !std::isfinite(static_cast<float>(spec.route_scale))) {
    refuse(fmt::format("a route scale of {}", spec.route_scale));
  }
  if (spec.random_second && spec.top_k != 2) refuse("a random second expert needs top-2");
  return spec;
}

void check_sizes(const GateSpec& spec, std::span<const float> logits, std::span<const float> bias,
                 std::span<const float> uniforms, std::span<const double> score_sums) {
  const auto width = static_cast<std::size_t>(spec.num_experts);
  if (logits.size() % width != 0) refuse(fmt::format("{} logits of {} experts", logits.size(), width));
  if (!bias.empty() && !spec.has_bias) refuse("a bias for a gate without one");
  if (!bias.empty() && bias.size() != width)
    refuse(fmt::format("{} biases of {} experts", bias.size(), width));
  if (!std::all_of(bias.begin(), bias.end(), [](float b) { return std::isfinite(b); })) {
    refuse("a bias is not finite");
  }
  const std::size_t drawn = spec.random_second ? logits.size() / width : 0;
  if (uniforms.size() != drawn) refuse(fmt::format("{} uniforms, {} are needed", uniforms.size(), drawn));
  if (!std::all_of(uniforms.begin(), uniforms.end(), [](float u) { return u >= 0 && u < 1; })) {
    refuse("a uniform lies outside [0, 1)");
  }
  if (!score_sums.empty() && score_sums.size() != width) {
    refuse(fmt::format("{} sums of scores of {} experts", score_sums.size(), width));
  }
}

/// Zeros where there is none, -inf beyond the experts.
void pad_bias(std::span<const float> bias, int num_experts, float* padded) {
  const auto count = static_cast<std::size_t>(num_experts);
  std::fill_n(padded, padded_to_rows(count), -std::numeric_limits<float>::infinity());
  std::fill_n(padded, count, 0.0F);
  std::copy(bias.begin(), bias.end(), padded);
}

GateKernel kernel_of(SimdLevel level) {
  switch (level) {
    case SimdLevel::scalar:
      return route_scalar;
    case SimdLevel::sse2:
      return route_sse2;
    case SimdLevel::avx2:
      return route_avx2;
    case SimdLevel::avx512:
      return route_avx512;
  }
  return nullptr;
}

/// Whether the Hugging Face flavour of a softmax gate scales: it normalises or scales, not both.
bool scales(const GateSpec& spec) {
  return !(spec.flavour == GateFlavour::hugging_face && spec.scoring == Scoring::softmax && spec.normalise);
}

/// From the unbiased scores of the chosen to their weights, in place.
void weigh(const GateSpec& spec, RoutedTokens& out) {
  const auto top_k = static_cast<std::size_t>(spec.top_k);
  const bool guarded = spec.flavour == GateFlavour::hugging_face && spec.scoring == Scoring::sigmoid;
  const float guard = guarded ? 1e-20F : 0.0F;
  const float scale = scales(spec) ? static_cast<float>(spec.route_scale) : 1.0F;
  for (std::size_t first = 0; first < out.weights.size(); first += top_k) {
    float* weights = out.weights.data() + first;
    float sum = weights[0];
    for (std::size_t i = 1; i < top_k; ++i) sum += weights[i];
    const float divisor = spec.normalise ? sum + guard : 1.0F;
    for (std::size_t i = 0; i < top_k; ++i) weights[i] = weights[i] / divisor * scale;
  }
}

/// The second expert stays where 2 g2 > u, g2 = its share of the two scores (GShard, Algorithm 1).
void draw_second(std::span<const float> uniforms, RoutedTokens& out) {
  for (std::size_t token = 0; token < uniforms.size(); ++token) {
    const float first = out.weights[2 * token];
    const float second = out.weights[2 * token + 1];
    if (!(2 * (second / (first + second)) > uniforms[token])) out.experts[2 * token + 1] = kNoExpert;
  }
}

/// Weights of what is not used are 0; the others keep theirs.
void clear_unused(RoutedTokens& out) {
  for (std::size_t i = 0; i < out.experts.size(); ++i) {
    if (out.experts[i] == kNoExpert) out.weights[i] = 0;
  }
}

}  // namespace

Gate::Gate(const GateSpec& spec, SimdLevel level) : spec_(checked(spec)), level_(level) {
  const std::vector<SimdLevel> levels = simd_levels();
  if (std::find(levels.begin(), levels.end(), level) == levels.end()) {
    refuse(fmt::format("this processor has no {}", name_of(level)));
  }
}

void Gate::route(std::span<const float> logits, std::span<const float> bias, std::span<const float> uniforms,
                 RoutedTokens& out, std::span<double> score_sums) const {
  check_sizes(spec_, logits, bias, uniforms, score_sums);
  GateKernelInput in;
  in.num_groups = is_limited(spec_) ? spec_.num_groups : 1;
  const GateMemory memory(spec_.num_experts, in.num_groups, spec_.top_k);
  pad_bias(bias, spec_.num_experts, memory.bias());
  in.scratch = memory.scratch();
  in.bias = memory.bias();
  in.logits = logits.data();
  in.num_tokens = logits.size() / static_cast<std::size_t>(spec_.num_experts);
  in.num_experts = spec_.num_experts;
  in.topk_groups = is_limited(spec_) ? spec_.topk_groups : 1;
  in.top_k = spec_.top_k;
  in.sigmoid = spec_.scoring == Scoring::sigmoid;
  in.sum_of_two_best = spec_.group_score == GroupScore::sum_of_two_best;
  in.masked = spec_.flavour == GateFlavour::hugging_face ? 0.0F : -std::numeric_limits<float>::infinity();
  out.top_k = spec_.top_k;
  out.experts.resize(in.num_tokens * static_cast<std::size_t>(spec_.top_k));
  out.weights.resize(out.experts.size());
  in.experts = out.experts.data();
  in.scores = out.weights.data();
  in.score_sums = score_sums.empty() ? nullptr : score_sums.data();
  const std::size_t routed = kernel_of(level_)(in);
  if (routed != in.num_tokens) refuse(fmt::format("token {} has a logit that is not finite", routed));
  if (spec_.random_second) draw_second(uniforms, out);
  weigh(spec_, out);
  if (spec_.random_second) clear_unused(out);
}

}  // namespace moesim
