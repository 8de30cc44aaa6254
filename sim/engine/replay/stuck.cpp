#include <fmt/format.h>

#include "sim/engine/replay/column_replay.hpp"

namespace moesim::replay {
namespace {

std::string name_of(const OpGraph& graph, std::size_t rank, std::size_t position) {
  const Operation& op = graph.programs[rank][position];
  std::string text =
      fmt::format("rank {} operation {} ({}", rank, position, to_string(graph.cost_of(op).phase));
  if (op.layer >= 0) text += fmt::format(", layer {}", op.layer);
  return text + fmt::format(", micro-batch {})", op.microbatch);
}

const char* lack_of(Stage stage) {
  switch (stage) {
    case Stage::arrived:
      return "waits for other members of its scope to start";
    case Stage::ended:
      return "waits for other members of its scope to end";
    default:
      return "never ends: a bandwidth that it needs is zero";
  }
}

}  // namespace

std::string ColumnReplay::describe_stuck() const {
  constexpr auto kLanes = static_cast<std::int32_t>(kNumLanes);
  const Entry* first = nullptr;
  std::int32_t at_queue = -1;
  for (std::int32_t queue = 0; queue < program_.num_gpus() * kLanes; ++queue) {
    if (!has_head(queue)) continue;
    const auto rank = state_.gpus[static_cast<std::size_t>(queue / kLanes)].rank;
    const auto done = state_.num_done[static_cast<std::size_t>(queue)];
    const Entry& entry = program_.lane(rank, static_cast<std::size_t>(queue % kLanes))[done];
    if (first != nullptr && entry.position >= first->position) continue;
    first = &entry;
    at_queue = queue;
  }
  if (first == nullptr) return {};
  const Gpu& g = state_.gpus[static_cast<std::size_t>(at_queue / kLanes)];
  const OpGraph& graph = program_.graph();
  const auto rank = static_cast<std::size_t>(g.rank);
  const std::string place = fmt::format("the replay is stuck at {:.9g} s: column {}, {}, member {} ",
                                        state_.now, column_, name_of(graph, rank, first->position), g.member);
  const Stage stage = state_.queues[static_cast<std::size_t>(at_queue)].stage;
  if (stage != Stage::blocked) return place + lack_of(stage);
  for (const Place& need : program_.needs(*first)) {
    const std::size_t queue = need.queue + static_cast<std::size_t>(g.member * kLanes);
    if (state_.num_done[queue] > need.order) continue;
    const auto other = state_.gpus[queue / kNumLanes].rank;
    const Entry& entry = program_.lane(other, queue % kNumLanes)[need.order];
    return place + "waits for " + name_of(graph, static_cast<std::size_t>(other), entry.position);
  }
  return place + "waits for the host, which waits for an earlier operation";
}

}  // namespace moesim::replay
