#include "sim/engine/stuck.hpp"

#include <fmt/format.h>

namespace moesim {
namespace {

std::string name_of(const OpGraph& graph, std::size_t rank, std::size_t position) {
  const Operation& op = graph.programs[rank][position];
  std::string text =
      fmt::format("rank {} operation {} ({}", rank, position, to_string(graph.cost_of(op).phase));
  if (op.layer >= 0) text += fmt::format(", layer {}", op.layer);
  return text + fmt::format(", micro-batch {})", op.microbatch);
}

/// Of a lane of a column.
struct Where {
  std::size_t queue = 0;
  std::size_t rank = 0;
  std::size_t member = 0;
};

Where where(const LaneProgram& program, std::size_t queue) {
  const auto members = static_cast<std::size_t>(program.members());
  const std::size_t gpu = queue / kNumLanes;
  return {queue, gpu / members, gpu % members};
}

std::string missing_dependency(const LaneProgram& program, const LaneEntry& entry, const StuckColumn& at,
                               std::size_t member) {
  for (const LanePlace& need : program.needs(entry)) {
    const std::size_t queue = need.queue + member * kNumLanes;
    if (at.num_done[queue] > need.order) continue;
    const std::size_t rank = where(program, queue).rank;
    const LaneEntry& other = program.lane(static_cast<int>(rank), queue % kNumLanes)[need.order];
    return "waits for " + name_of(program.graph(), rank, other.position);
  }
  return "waits for the host, which waits for an earlier operation";
}

}  // namespace

std::string describe_stuck(const LaneProgram& program, const StuckColumn& at, std::string_view engine,
                           const std::function<Lack(std::size_t)>& lack_of) {
  const LaneEntry* first = nullptr;
  Where head;
  for (std::size_t queue = 0; queue < at.num_done.size(); ++queue) {
    const Where w = where(program, queue);
    const auto lane = program.lane(static_cast<int>(w.rank), queue % kNumLanes);
    if (at.num_done[queue] >= lane.size()) continue;
    const LaneEntry& entry = lane[at.num_done[queue]];
    if (first != nullptr && entry.position >= first->position) continue;
    first = &entry;
    head = w;
  }
  if (first == nullptr) return {};
  const std::string place =
      fmt::format("{} is stuck at {:.9g} s: column {}, {}, member {} ", engine, at.now_s, at.column,
                  name_of(program.graph(), head.rank, first->position), head.member);
  switch (lack_of(head.queue)) {
    case Lack::others_to_start:
      return place + "waits for other members of its scope to start";
    case Lack::others_to_end:
      return place + "waits for other members of its scope to end";
    case Lack::bandwidth:
      return place + "never ends: a bandwidth that it needs is zero";
    case Lack::dependency_or_host:
      break;
  }
  return place + missing_dependency(program, *first, at, head.member);
}

}  // namespace moesim
