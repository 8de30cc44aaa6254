#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "sim/planner/search/training_search.hpp"

namespace moesim::tests {

/// A space of layouts of a shipped training scenario.
struct LayoutSpace {
  std::string name;
  Json scenario;
  std::string file;  ///< of the scenario
  TrainingSearch search;
};

/// quick: some dozens of layouts; whole: up to 2,000 points.
enum class SpaceSize : std::uint8_t { quick, whole };

/// A shipped scenario without axes; nothing is explained or verified.
LayoutSpace shipped_space(const std::string& scenario);

/// DeepSeek-V3 in FP8 on 2048 H800, by throughput: pipelines, expert parallelism and recomputation.
LayoutSpace deepseek_v3_space(SpaceSize size);
/// DeepSeek-V2 in BF16 on 1024 H800, by cost.
LayoutSpace deepseek_v2_space(SpaceSize size);
/// Mixtral-8x22B on 128 H100, by the step time: tensor parallelism of attention and of experts.
LayoutSpace mixtral_space(SpaceSize size);
/// Qwen3-235B-A22B on 256 H100, by energy.
LayoutSpace qwen3_space(SpaceSize size);
/// The dense DeepSeek-67B on 1024 H800, by throughput, with a bound on the bubble.
LayoutSpace dense_space(SpaceSize size);

using MakeSpace = LayoutSpace (*)(SpaceSize);
inline constexpr MakeSpace kLayoutSpaces[] = {&deepseek_v3_space, &deepseek_v2_space, &mixtral_space,
                                              &qwen3_space, &dense_space};

}  // namespace moesim::tests
