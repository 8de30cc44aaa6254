#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "sim/engine/engine.hpp"
#include "sim/engine/lane_program.hpp"
#include "sim/engine/replay/event_tree.hpp"

namespace moesim::replay {

/// What is left of a fluid transfer or computation, as of `since_s`.
struct Flow {
  double left = 0;  ///< bytes, or seconds of computation
  double rate = 0;  ///< per second
  double since_s = 0;
  double end_s = kNever;
  bool running = false;

  void start(double amount, double now) { *this = {amount, 0, now, kNever, true}; }
  void stop() { *this = {}; }
  /// Goes on at another rate from `now` on. At the same rate its end stays the same to the bit.
  void set_rate(double new_rate, double now) {
    if (new_rate == rate) return;
    left = std::max(0.0, left - rate * (now - since_s));
    since_s = now;
    rate = new_rate;
    end_s = left > 0 ? now + left / rate : now;
  }
};

/// Where the head of a lane stands.
enum class Stage : std::uint8_t {
  blocked,  ///< its dependencies or the host are missing; an event is the launch by the host
  arrived,  ///< ready, the others of its scope are not
  delay,    ///< step 1
  moving,   ///< step 2
  tail,     ///< step 3
  planned,  ///< in any step, alone on its wires: only the end is an event
  issuing,  ///< the steps are over, the host has not issued all of it
  ended,    ///< the others of its scope have not ended
};

/// Lane of one GPU with its head operation.
struct Queue {
  Flow nic;
  Flow nvlink;
  double start_s = 0;
  std::int32_t receiver = -1;  ///< GPU that the NIC flow goes to
  std::int32_t next_in = -1;   ///< queue of another sender into the same NIC
  std::int32_t prev_in = -1;
  Stage stage = Stage::blocked;
};

/// What a GPU shares among its lanes.
struct Gpu {
  GpuState given;
  std::int32_t rank = 0;
  std::int32_t member = 0;
  Flow work;                     ///< of the computation lane, in seconds with all SMs
  double host_s = 0;             ///< start of the host's segment
  std::uint32_t segment = 0;     ///< which the host issues
  std::int32_t num_holders = 0;  ///< operations that hold SMs
  std::int32_t num_out = 0;      ///< NIC flows that leave, local ones included
  std::int32_t num_in = 0;       ///< NIC flows that arrive, local ones included
  std::int32_t num_nvlink = 0;
  std::int32_t num_wired = 0;  ///< operations with bytes in any step, its own and those sent to it
  std::int32_t planned = -1;   ///< the queue that has its wires alone
  std::int32_t first_in = -1;  ///< queue of a sender into its NIC
  std::int32_t mark = -1;      ///< scratch of Wires
};

/// Everything that changes while one column runs; a copy of it is a checkpoint.
/// Queue (gpu, lane) has the index gpu x kNumLanes + lane and the event slot gpu x 8 + lane.
struct ColumnState {
  std::vector<Gpu> gpus;                ///< [num_ranks][members]
  std::vector<Queue> queues;            ///< [num_gpus][kNumLanes]
  std::vector<std::uint32_t> num_done;  ///< [num_gpus][kNumLanes] operations done, in lane order
  EventTree events;
  std::vector<std::int32_t>
      num_waiting;  ///< [num_ranks][kNumLanes] members arrived at or ended with the head
  std::vector<double> gpu_end_s;
  std::vector<double> arrival_s;  ///< [num_meetings] the last member arrived
  std::vector<double> ending_s;   ///< [num_meetings] the last member ended
  std::uint64_t operations_done = 0;
  double now = 0;
  bool at_meeting = false;  ///< a meeting was reached whose start is not known

  /// The start of a step. `given` holds program.num_gpus() elements.
  void reset(const LaneProgram& program, const GpuState* given);
  void set_event(std::size_t queue, double time) {
    events.set(queue / kNumLanes * EventTree::kFanout + queue % kNumLanes, time);
  }
};

}  // namespace moesim::replay
