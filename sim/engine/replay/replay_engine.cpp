#include "sim/engine/replay/replay_engine.hpp"

#include "sim/engine/input_check.hpp"
#include "sim/engine/lane_program.hpp"
#include "sim/engine/rank_times.hpp"
#include "sim/engine/replay/column_set.hpp"

namespace moesim {
namespace {

class ReplayEngine final : public Engine {
 public:
  [[nodiscard]] std::string_view name() const override { return "replay"; }

  EngineResult run(const EngineInput& input, RecordSink& sink) override {
    check_input(input, name());
    const LaneProgram program(*input.graph, input.members, input.columns > 1);
    EngineResult result;
    std::vector<Span> spans;
    spans.reserve(input.graph->num_operations());
    replay::ColumnSet(input, program).run(result, spans);
    complete_result(result, spans, input.graph->num_ranks(), sink);
    return result;
  }
};

}  // namespace

std::unique_ptr<Engine> make_replay_engine() {
  return std::make_unique<ReplayEngine>();
}

}  // namespace moesim
