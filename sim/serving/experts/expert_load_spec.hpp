#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/quantity.hpp"
#include "base/spec.hpp"
#include "workloads/affinity/affinity_spec.hpp"

namespace moesim {

enum class ExpertLoadMode : std::uint8_t { balanced, simulated };
template <>
struct EnumNames<ExpertLoadMode> {
  static constexpr std::array<std::pair<ExpertLoadMode, std::string_view>, 2> table{
      {{ExpertLoadMode::balanced, "balanced"}, {ExpertLoadMode::simulated, "simulated"}}};
};

/// EPLB while serving: experts are placed anew from loads that are `lag` old.
struct ServingEplb {
  bool on = true;
  Seconds replan_every{600.0};
  Seconds window{600.0};  ///< whose loads a plan sums
  Seconds lag{60.0};      ///< from the end of the window until the weights have moved
};
const Spec<ServingEplb>& spec_of(const ServingEplb*);

/// What serving of DeepSeek-R1 shows: lognormal popularity of sigma 0.986 (from the deviation of expert loads
/// in TensorRT-LLM tech blog 4) that drifts slowly: by 0.0026 logits a second the mean plan of the default
/// ServingEplb is 0.06 logits behind, and EP32 with 288 slots has an imbalance by rank of 0.117 where that
/// blog has 0.109 (assumed: nobody publishes drift).
AffinitySpec serving_affinity();

/// How tokens spread over experts.
struct ExpertLoadSpec {
  ExpertLoadMode mode = ExpertLoadMode::simulated;
  std::optional<AffinitySpec> affinity;  ///< absent: serving_affinity(); given, its own defaults hold
  Seconds affinity_step{1.0};            ///< in which the popularity drifts by affinity.drift
  std::int64_t redraw_every = 64;        ///< iterations
  ServingEplb eplb;

  [[nodiscard]] AffinitySpec of_tokens() const { return affinity.value_or(serving_affinity()); }
};
const Spec<ExpertLoadSpec>& spec_of(const ExpertLoadSpec*);

}  // namespace moesim
