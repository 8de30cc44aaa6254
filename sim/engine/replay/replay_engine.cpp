#include "sim/engine/replay/replay_engine.hpp"

#include <algorithm>

#include "sim/engine/input_check.hpp"
#include "sim/engine/lane_program.hpp"
#include "sim/engine/rank_times.hpp"
#include "sim/engine/replay/column_set.hpp"

namespace moesim {
namespace {

EngineResult replayed(const EngineInput& input, std::vector<Span>* spans) {
  check_input(input, "replay");
  const LaneProgram program(*input.graph, input.members, input.columns > 1);
  EngineResult result;
  if (spans != nullptr) spans->reserve(input.graph->num_operations());
  replay::ColumnSet(input, program).run(result, spans);
  return result;
}

class ReplayEngine final : public Engine {
 public:
  [[nodiscard]] std::string_view name() const override { return "replay"; }

  EngineResult run(const EngineInput& input, RecordSink& sink) override {
    std::vector<Span> spans;
    EngineResult result = replayed(input, &spans);
    complete_result(result, spans, input.graph->num_ranks(), sink);
    return result;
  }
};

}  // namespace

std::unique_ptr<Engine> make_replay_engine() {
  return std::make_unique<ReplayEngine>();
}

double replay_makespan_s(const EngineInput& input) {
  const EngineResult result = replayed(input, nullptr);
  double makespan_s = 0;
  for (const double end_s : result.gpu_end_s) makespan_s = std::max(makespan_s, end_s);
  return makespan_s;
}

}  // namespace moesim
