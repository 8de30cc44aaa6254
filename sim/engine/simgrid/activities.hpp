#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "sim/engine/simgrid/platform.hpp"

namespace moesim::on_simgrid {

/// What of an operation runs. An operation has at most one activity of each kind at a time.
enum class Part : std::uint8_t { clock, work, nic, nvlink };
inline constexpr std::size_t kNumParts = 4;

/// The SimGrid activities of the lanes of all GPUs; lane l of GPU g is the queue g x kNumLanes + l.
/// They are made when they start and without actors, since what SimGrid spends on the end of an activity
/// grows with the number of those that exist. At most one object in a process.
class Activities {
 public:
  using OnEnd = std::function<void(std::size_t queue, Part part)>;

  /// `on_end` is called whenever an activity ends, and may start others.
  Activities(Platform& platform, OnEnd on_end);
  Activities(const Activities&) = delete;
  Activities& operator=(const Activities&) = delete;

  /// Each starts an activity of `queue` now. Amounts are positive; an activity that needs a bandwidth of zero
  /// never ends.
  void wait(std::size_t queue, double seconds);
  void compute(std::size_t queue, double seconds);
  void send(std::size_t queue, std::size_t receiver_gpu, double bytes);
  void move_over_nvlink(std::size_t queue, double bytes);

 private:
  struct Slot {
    s4u::ActivityPtr activity;
    std::size_t queue = 0;
    Part part{};
  };

  void execute(std::size_t queue, Part part, s4u::Host* host, double amount);
  void transfer(std::size_t queue, Part part, s4u::Host* from, s4u::Host* to, double bytes);
  void end(const s4u::Activity& activity);
  Slot& slot(std::size_t queue, Part part) {
    return slots_[queue * kNumParts + static_cast<std::size_t>(part)];
  }

  Platform& platform_;
  OnEnd on_end_;
  std::vector<Slot> slots_;    ///< [num_gpus][kNumLanes][kNumParts]
  s4u::ActivityPtr finished_;  ///< must outlive the call that says that it ended
};

}  // namespace moesim::on_simgrid
