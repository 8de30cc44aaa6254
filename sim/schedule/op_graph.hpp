#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace moesim {

/// In-order queues of one GPU. The host lane is not listed: every operation carries its own issue cost.
enum class Lane : std::uint8_t {
  computation,    ///< the main CUDA stream
  communication,  ///< dispatch and combine
  send_forward,   ///< activations to the next stage, whichever rank holds it
  send_backward,  ///< gradients to the previous stage
  data_parallel,  ///< reduce-scatter and all-gather of ZeRO
  layer_split,    ///< collectives of the groups that a layer is split over: tensor and context parallelism
};
inline constexpr std::size_t kNumLanes = 6;

/// What an operation is, for records and for phase sums.
enum class Phase : std::uint8_t {
  attention_forward,
  mlp_forward,
  attention_backward,
  mlp_backward,
  attention_weight,
  mlp_weight,
  dispatch_forward,
  combine_forward,
  dispatch_backward,
  combine_backward,
  head_forward,
  head_backward,
  send_activation,
  send_gradient,
  reduce_scatter,
  all_gather,
  optimizer,
  tensor_forward,  ///< of the tensor-parallel group, around attention, dense and shared parts
  tensor_backward,
  context_forward,  ///< keys and values of the context-parallel group
  context_backward,
  expert_tensor_forward,  ///< of the expert-tensor-parallel group, around routed experts
  expert_tensor_backward,
  attention_recompute,  ///< of a whole layer, at the start of its backward
  mlp_recompute,        ///< the same, or routed experts alone
};
inline constexpr std::size_t kNumPhases = 25;

/// How the pass an operation belongs to runs: alone, or as one half of an overlapped pair.
enum class PassKind : std::uint8_t { forward, backward, weight, forward_backward, step_end };
inline constexpr std::size_t kNumPassKinds = 5;

/// Who has to arrive before an operation starts, and to end before it counts as done on any member.
enum class SyncScope : std::uint8_t { none, expert_group, all };

/// Cost of one kind of operation on a GPU of nominal speed. Times in seconds, sizes in bytes.
/// An operation runs in three steps:
///   1. `delay_s`, a fixed time that shares nothing (latency, notify, jitter-free overheads);
///   2. `work_s` seconds of computation (computation lane), or `nic_B` and `nvlink_B` side by side;
///   3. `tail_nvlink_B`, the last chunk forwarded over NVLink once both of step 2 are done.
struct OperationCost {
  Phase phase{};
  SyncScope sync = SyncScope::none;
  bool holds_sms = false;    ///< slows computation on the same GPU while it runs (steps 1 to 3)
  bool host_waits = false;   ///< the host issues nothing more until this operation is done
  double expert_share = 0;   ///< in [0, 1]: part of `work_s` and NVLink bytes that scales with expert load
  bool pads_jitter = false;  ///< `work_s` takes part in operator jitter
  double delay_s = 0;
  double work_s = 0;           ///< alone, all SMs
  double overlapped_rate = 1;  ///< in (0, 1]: progress while an operation that holds SMs runs on the same GPU
  double nic_B = 0;            ///< out of and into this GPU's NIC (into the peer's for a send)
  double nvlink_B = 0;
  double tail_nvlink_B = 0;
  double issue_s = 0;        ///< host time: kernels x launch cost
  double first_issue_s = 0;  ///< host time until the first kernel is launched

  /// Factor on `work_s` and NVLink bytes of a GPU whose experts have `expert_load` times the mean tokens.
  [[nodiscard]] double load_factor(double expert_load) const { return 1 + expert_share * (expert_load - 1); }
};

/// One operation in a rank's program. `cost` indexes OpGraph::costs.
struct Operation {
  std::uint32_t cost = 0;
  std::uint32_t first_dependency = 0;  ///< into OpGraph::dependencies
  std::uint16_t num_dependencies = 0;
  std::uint16_t microbatch = 0;
  std::int16_t peer_rank = -1;  ///< pipeline rank that receives (send lanes), else -1
  std::int16_t layer = -1;      ///< model layer, -1 where none applies
  Lane lane{};
  PassKind pass{};
};

/// An operation waits until operation `index` (position in the program of `rank`) is done.
struct Dependency {
  std::int32_t rank = 0;
  std::uint32_t index = 0;
};

/// The step of one column of a pipeline: one program per pipeline rank, each in the order in which
/// the host issues it. All GPUs of a rank run the same program; GPU m of a rank sends to GPU m of its peer.
/// Operations of one lane run in program order. Dependencies point to any rank's program and are acyclic
/// together with the lane orders.
struct OpGraph {
  std::vector<OperationCost> costs;
  std::vector<std::vector<Operation>> programs;  ///< [num_pipeline_ranks][num_operations]
  std::vector<Dependency> dependencies;

  [[nodiscard]] std::size_t num_ranks() const { return programs.size(); }
  [[nodiscard]] std::size_t num_operations() const;
  [[nodiscard]] std::span<const Dependency> dependencies_of(const Operation& op) const {
    return {dependencies.data() + op.first_dependency, op.num_dependencies};
  }
  [[nodiscard]] const OperationCost& cost_of(const Operation& op) const { return costs[op.cost]; }
};

/// Field words for results and traces, e.g. "attention_forward".
const char* to_string(Phase phase);
const char* to_string(Lane lane);
const char* to_string(PassKind pass);

/// Empty when the graph is sound, else what is wrong: an index out of range, a cycle, a negative cost,
/// work outside the computation lane, bytes on it, a rate outside (0, 1]. A cycle may go through
/// dependencies, lane orders and operations that the host waits for.
std::string find_defect(const OpGraph& graph);

}  // namespace moesim
