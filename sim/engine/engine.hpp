#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "sim/engine/jitter.hpp"
#include "sim/results/record_sink.hpp"
#include "sim/schedule/op_graph.hpp"

namespace moesim {

/// What one GPU brings besides the graph.
struct GpuState {
  double compute_slowdown = 1;  ///< >= 1 slower, computation time is multiplied by it
  double expert_load = 1;       ///< tokens of this GPU's experts over the mean
  double nic_out_Bps = 0;       ///< one direction, bytes per second
  double nic_in_Bps = 0;
  double nvlink_Bps = 0;  ///< one direction
};

/// A graph placed on GPUs. GPU (column, rank, member) has the index
/// (column x num_ranks + rank) x members + member.
/// One column holds `members` GPUs per pipeline rank, which form one expert group; columns meet only
/// in operations of scope `all`.
struct EngineInput {
  const OpGraph* graph = nullptr;
  int members = 1;  ///< 1: a representative GPU per pipeline rank
  int columns = 1;
  std::vector<GpuState> gpus;  ///< [columns][num_ranks][members]
  double jitter_sigma =
      0;  ///< of one operation's computation, lognormal with mean 1; drawn per GPU and operation
  std::uint64_t seed = 0;
  /// Factors drawn before, used where it is of this sigma and seed; may be empty. The result is the same.
  std::shared_ptr<JitterTable> jitter;
  int threads = 1;  ///< columns run side by side; the result does not depend on it
  /// Told how much of the step has run, ascending in (0, 1], in the thread that calls run(); may be empty.
  std::function<void(double fraction)> progress;
};

/// Sums over one GPU of each pipeline rank (member 0 of column 0), seconds.
struct RankTimes {
  std::array<double, kNumPassKinds>
      pass_s{};  ///< wall time from a pass's first start to its last end on the computation lane, summed
  std::array<double, kNumPhases> phase_s{};     ///< span from start to end, summed over operations
  std::array<double, kNumLanes> busy_s{};       ///< union of spans per lane
  std::array<double, kNumPhases> step_end_s{};  ///< phase_s of step_end passes alone
  double exposed_communication_s = 0;           ///< a communication operation runs and no computation does
  double idle_s = 0;  ///< neither computes nor communicates, until the end of the step
};

struct EngineResult {
  double makespan_s = 0;
  std::vector<RankTimes> ranks;   ///< [num_ranks]
  std::vector<double> gpu_end_s;  ///< [num_gpus] end of the last operation
  std::uint64_t num_operations = 0;
};

/// Spans of the GPUs of member 0, column 0 go to `sink` in the order of their ends; ties by rank, then lane.
class Engine {
 public:
  virtual ~Engine() = default;
  [[nodiscard]] virtual std::string_view name() const = 0;
  /// Throws RunError when the graph cannot finish (a dependency that never comes true).
  virtual EngineResult run(const EngineInput& input, RecordSink& sink) = 0;
};

}  // namespace moesim
