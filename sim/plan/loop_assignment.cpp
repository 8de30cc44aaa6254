#include "sim/plan/loop_assignment.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <tuple>

namespace moesim {
namespace {

/// Which of two assignments is better: the faster one, then the one with the less loaded slowest rank, then
/// the more even one.
using Merit = std::tuple<double, double, double>;

Merit merit_of(const std::vector<StageContent>& stages, const ScheduleShape& pipeline,
               const LayerTimes& times) {
  double squares = 0;
  for (const StageContent& stage : stages) squares += stage_time(stage, times) * stage_time(stage, times);
  return {step_pace(stages, pipeline, times), largest_rank_time(stages, pipeline, times), squares};
}

/// What one assignment is made of.
struct Choice {
  int in_last_chunk = 1;  ///< layers of each of its stages but the last
  int in_last_stage = 0;
  bool last_ranks_give = true;  ///< what does not divide is missing on the last ranks, else on the first
};

/// Layers of each stage: what the last chunk leaves is spread over the chunks before. Nothing where a stage
/// would have none.
std::optional<std::vector<int>> spread(int num_layers, const ScheduleShape& pipeline, const Choice& choice) {
  const int ranks = pipeline.num_ranks;
  const int chunks_before = num_chunks(pipeline) - 1;
  const int left = num_layers - (ranks - 1) * choice.in_last_chunk - choice.in_last_stage;
  if (left < chunks_before * ranks) return std::nullopt;
  const int per_rank = (left + ranks - 1) / ranks;  // of the chunks before together
  std::vector<int> layers;
  for (int chunk = 0; chunk < chunks_before; ++chunk) {
    const int count = per_rank / chunks_before + (chunk < per_rank % chunks_before ? 1 : 0);
    layers.insert(layers.end(), static_cast<std::size_t>(ranks), count);
  }
  const int excess = per_rank * ranks - left;  // chunk 0 has the most to give
  for (int i = 0; i < excess; ++i) {
    --layers[static_cast<std::size_t>(choice.last_ranks_give ? ranks - 1 - i : i)];
  }
  layers.insert(layers.end(), static_cast<std::size_t>(ranks - 1), choice.in_last_chunk);
  layers.push_back(choice.in_last_stage);
  return layers;
}

}  // namespace

std::vector<StageContent> balance_loop(const ModelSpec& model, const ScheduleShape& pipeline,
                                       const LayerTimes& times) {
  std::vector<StageContent> best;
  Merit merit;
  const auto compare = [&](const Choice& choice) {
    const auto layers = spread(model.num_layers, pipeline, choice);
    if (!layers) return;
    std::vector<StageContent> stages = assign_stages(model, *layers);
    const Merit of = merit_of(stages, pipeline, times);
    if (!best.empty() && of >= merit) return;
    merit = of;
    best = std::move(stages);
  };
  const int most = model.num_layers - (num_chunks(pipeline) - 1) * pipeline.num_ranks;
  for (int in_last_chunk = 1; in_last_chunk <= most; ++in_last_chunk) {
    for (int in_last_stage = 0; in_last_stage <= in_last_chunk; ++in_last_stage) {
      compare({in_last_chunk, in_last_stage, true});
      compare({in_last_chunk, in_last_stage, false});
    }
  }
  return best;
}

}  // namespace moesim
