#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "sim/engine/lane_program.hpp"

namespace moesim {

/// What the head of a lane waits for when nothing happens any more.
enum class Lack : std::uint8_t {
  dependency_or_host,  ///< it never started
  others_to_start,     ///< ready, other members of its scope are not
  others_to_end,       ///< over, other members of its scope are not
  bandwidth,           ///< it runs and never ends
};

/// A column in which nothing happens any more.
struct StuckColumn {
  int column = 0;
  double now_s = 0;
  std::span<const std::uint32_t> num_done;  ///< [num_gpus of the column][kNumLanes] operations done
};

/// Names the operation that is not done and comes first in its program, and what it lacks; empty when all are
/// done. `engine` begins the sentence ("the replay"); `lack_of` takes an index into num_done.
std::string describe_stuck(const LaneProgram& program, const StuckColumn& at, std::string_view engine,
                           const std::function<Lack(std::size_t)>& lack_of);

}  // namespace moesim
