#include "sim/engine/replay/replay_engine.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <tuple>

#include "base/error.hpp"
#include "sim/engine/replay/column_set.hpp"
#include "sim/engine/replay/program.hpp"
#include "sim/engine/replay/rank_times.hpp"

namespace moesim {
namespace {

bool is_rate(double v) {
  return std::isfinite(v) && v >= 0;
}

void check(const EngineInput& input) {
  if (input.graph == nullptr || input.members < 1 || input.columns < 1) {
    throw RunError("replay: a graph and at least one member and column are needed");
  }
  const std::size_t wanted = static_cast<std::size_t>(input.columns) * input.graph->num_ranks() *
                             static_cast<std::size_t>(input.members);
  if (input.gpus.size() != wanted) {
    throw RunError(fmt::format("replay: {} GPUs are given, {} are needed", input.gpus.size(), wanted));
  }
  for (std::size_t i = 0; i < wanted; ++i) {
    const GpuState& g = input.gpus[i];
    const bool rates = is_rate(g.nic_out_Bps) && is_rate(g.nic_in_Bps) && is_rate(g.nvlink_Bps);
    if (!rates || !is_rate(g.compute_slowdown) || !is_rate(g.expert_load)) {
      throw RunError(fmt::format("replay: GPU {} has a rate or a load that is negative or not finite", i));
    }
  }
}

class ReplayEngine final : public Engine {
 public:
  [[nodiscard]] std::string_view name() const override { return "replay"; }

  EngineResult run(const EngineInput& input, RecordSink& sink) override {
    check(input);
    const replay::Program program(*input.graph, input.members, input.columns > 1);
    EngineResult result;
    std::vector<Span> spans;
    spans.reserve(input.graph->num_operations());
    replay::ColumnSet(input, program).run(result, spans);
    for (const double end_s : result.gpu_end_s) result.makespan_s = std::max(result.makespan_s, end_s);
    std::ranges::stable_sort(spans, {}, [](const Span& s) { return std::tuple(s.end_s, s.rank, s.lane); });
    for (const Span& span : spans) sink.add(span);
    result.ranks = replay::sum_rank_times(spans, input.graph->num_ranks(), result.makespan_s);
    return result;
  }
};

}  // namespace

std::unique_ptr<Engine> make_replay_engine() {
  return std::make_unique<ReplayEngine>();
}

}  // namespace moesim
