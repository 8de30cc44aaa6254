#include "sim/engine/replay/replay_engine.hpp"

#include <algorithm>

#include "base/error.hpp"
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

EngineResult replay_times(const EngineInput& input, const LaneProgram& program) {
  check_input(input, "replay");
  if (input.columns != 1) {
    NullSink sink;
    return ReplayEngine().run(input, sink);
  }
  RankTimesAccount times(input.graph->num_ranks());
  const replay::MeetingTimes none;
  replay::ColumnReplay column(program, input, none);
  column.begin(0, nullptr);
  column.sum_into(&times);
  column.run(false);
  if (!column.finished()) throw RunError(column.describe_stuck());
  EngineResult result;
  result.gpu_end_s = column.state().gpu_end_s;
  result.makespan_s = *std::ranges::max_element(result.gpu_end_s);
  result.ranks = times.finish(result.makespan_s);
  result.num_operations = column.state().operations_done;
  return result;
}

double replay_makespan_s(const EngineInput& input) {
  const EngineResult result = replayed(input, nullptr);
  double makespan_s = 0;
  for (const double end_s : result.gpu_end_s) makespan_s = std::max(makespan_s, end_s);
  return makespan_s;
}

}  // namespace moesim
