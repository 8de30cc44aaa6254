#pragma once

#include <cstdint>
#include <vector>

#include "sim/engine/engine.hpp"
#include "sim/engine/replay/replay_engine.hpp"
#include "sim/results/memory_sink.hpp"

namespace moesim::test {

/// Builds small graphs by short verbs. Every GPU has 100 B/s of NIC each way and 1000 B/s of NVLink.
class GraphBuilder {
 public:
  explicit GraphBuilder(int num_ranks) { graph_.programs.resize(static_cast<std::size_t>(num_ranks)); }

  /// Appends an operation to the program of `rank`; returns it as a dependency.
  Dependency add(int rank, Lane lane, OperationCost cost, const std::vector<Dependency>& after = {},
                 int peer = -1) {
    Operation op;
    op.cost = static_cast<std::uint32_t>(graph_.costs.size());
    op.lane = lane;
    op.peer_rank = static_cast<std::int16_t>(peer);
    op.first_dependency = static_cast<std::uint32_t>(graph_.dependencies.size());
    op.num_dependencies = static_cast<std::uint16_t>(after.size());
    op.pass = pass;
    op.microbatch = microbatch;
    graph_.costs.push_back(cost);
    graph_.dependencies.insert(graph_.dependencies.end(), after.begin(), after.end());
    auto& program = graph_.programs[static_cast<std::size_t>(rank)];
    program.push_back(op);
    return {rank, static_cast<std::uint32_t>(program.size() - 1)};
  }
  Dependency compute(int rank, double seconds, const std::vector<Dependency>& after = {}) {
    OperationCost cost;
    cost.work_s = seconds;
    return add(rank, Lane::computation, cost, after);
  }
  Dependency exchange(int rank, OperationCost cost, const std::vector<Dependency>& after = {}) {
    cost.phase = Phase::dispatch_forward;
    return add(rank, Lane::communication, cost, after);
  }
  Dependency send(int rank, int peer, double bytes, const std::vector<Dependency>& after = {}) {
    OperationCost cost;
    cost.phase = Phase::send_activation;
    cost.nic_B = bytes;
    return add(rank, peer > rank ? Lane::send_forward : Lane::send_backward, cost, after, peer);
  }

  /// An input on `columns` x ranks x `members` GPUs; change its fields before replay().
  EngineInput input(int members = 1, int columns = 1) const {
    EngineInput in;
    in.graph = &graph_;
    in.members = members;
    in.columns = columns;
    GpuState gpu;
    gpu.nic_out_Bps = gpu.nic_in_Bps = 100;
    gpu.nvlink_Bps = 1000;
    in.gpus.assign(graph_.num_ranks() * static_cast<std::size_t>(members * columns), gpu);
    return in;
  }
  OpGraph& graph() { return graph_; }

  PassKind pass = PassKind::forward;
  std::uint16_t microbatch = 0;

 private:
  OpGraph graph_;
};

inline EngineResult replay(const EngineInput& input) {
  NullSink sink;
  return make_replay_engine()->run(input, sink);
}

inline std::vector<Span> spans_of(const EngineInput& input) {
  MemorySink sink;
  make_replay_engine()->run(input, sink);
  return sink.spans();
}

}  // namespace moesim::test
