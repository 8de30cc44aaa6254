#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <vector>

#include "sim/engine/engine.hpp"
#include "sim/engine/lane_program.hpp"
#include "sim/engine/simgrid/activities.hpp"
#include "sim/engine/simgrid/platform.hpp"

namespace moesim::on_simgrid {

/// What a run yields besides sums.
struct StepTimes {
  std::vector<double> gpu_end_s;  ///< [num_gpus]
  std::vector<Span> spans;        ///< of member 0 of column 0, in the order of their ends
  std::uint64_t num_operations = 0;
};

/// One step of all columns: starts SimGrid activities as lanes, dependencies, scopes and the host allow.
class StepRun {
 public:
  /// `input` outlives the object; its `progress` is told the share of operations done. At most one object in
  /// a process.
  explicit StepRun(const EngineInput& input);

  /// Throws RunError when something is left that can never run.
  StepTimes run();

 private:
  /// Where the head of a lane stands.
  enum class Stage : std::uint8_t {
    blocked,    ///< dependencies are missing, or the host has not come to it
    launching,  ///< only its launch by the host is missing
    arrived,    ///< ready, others of its scope are not
    delay,      ///< step 1
    moving,     ///< step 2
    tail,       ///< step 3
    issuing,    ///< the steps are over, the host has not issued all of it
    ended,      ///< others of its scope have not ended
  };
  struct Queue {
    double start_s = 0;
    std::uint32_t num_running = 0;  ///< activities of step 2
    Stage stage = Stage::blocked;
  };
  struct Gpu {
    double host_s = 0;              ///< start of the host's segment
    std::uint32_t segment = 0;      ///< which the host issues
    std::uint32_t num_holders = 0;  ///< operations that hold SMs
    bool computes = false;
    std::uint32_t cost = 0;  ///< of the operation that computes
    unsigned long pstate = 0;
  };
  /// A lane and its head operation.
  struct Head {
    std::size_t queue;
    std::size_t lane;
    std::size_t gpu;
    std::size_t column;
    std::size_t rank;
    std::size_t member;
    const LaneEntry& entry;
    const OperationCost& cost;
  };

  [[nodiscard]] bool has_head(std::size_t queue) const;
  [[nodiscard]] Head head_of(std::size_t queue) const;
  [[nodiscard]] std::span<const LaneEntry> lane_of(std::size_t queue) const;
  [[nodiscard]] std::size_t rank_of(std::size_t gpu) const;
  [[nodiscard]] bool needs_are_done(const Head& h) const;
  [[nodiscard]] std::size_t receiver_of(const Head& h) const;
  [[nodiscard]] double work_of(const Head& h) const;
  [[nodiscard]] double nvlink_scale(const Head& h) const;

  // Lanes, scopes and the host: step_run.cpp.
  void settle();
  void try_start(std::size_t queue);
  void arrive(const Head& h);
  [[nodiscard]] std::uint32_t& num_waiting(const Head& h);
  [[nodiscard]] bool is_last_of_scope(const Head& h);
  template <class Action>
  void for_each_in_scope(const Head& h, Action action);
  void end(const Head& h);
  void finish(const Head& h);
  void record(const Head& h);
  void report();
  [[noreturn]] void throw_stuck() const;
  // The steps of one operation: operation_steps.cpp.
  void on_activity_end(std::size_t queue, Part part);
  void start(const Head& h);
  void move(const Head& h);
  void start_tail(const Head& h);
  void end_steps(const Head& h);
  void set_compute_rate(std::size_t gpu);

  const EngineInput& input_;
  LaneProgram program_;
  std::uint64_t num_operations_;  ///< of all GPUs
  std::size_t members_;
  std::size_t num_column_gpus_;
  std::vector<Queue> queues_;            ///< [num_gpus][kNumLanes]
  std::vector<std::uint32_t> num_done_;  ///< [num_gpus][kNumLanes] operations done, in lane order
  std::vector<Gpu> gpus_;
  std::vector<std::uint32_t> num_waiting_;  ///< [columns + 1][num_ranks][kNumLanes], the last of scope `all`
  std::deque<std::size_t> to_look_at_;      ///< queues whose head may have become ready
  StepTimes times_;
  Platform platform_;
  Activities activities_;
};

}  // namespace moesim::on_simgrid
