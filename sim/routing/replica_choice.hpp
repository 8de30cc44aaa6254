#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "base/spec_codec.hpp"
#include "sim/routing/placement.hpp"

namespace moesim {

/// Which replica of a chosen expert a token goes to.
enum class ReplicaChoice : std::uint8_t {
  round_robin,  ///< all replicas in turn
  nearest,      ///< those on the source GPU in turn, else those on its node, else all
};

template <>
struct EnumNames<ReplicaChoice> {
  static constexpr std::array<std::pair<ReplicaChoice, std::string_view>, 2> table{
      {{ReplicaChoice::round_robin, "round_robin"}, {ReplicaChoice::nearest, "nearest"}}};
};

/// The slots that tokens of a source GPU use for an expert. Immutable, so several threads may ask.
class ReplicaTable {
 public:
  /// Throws what check_placement throws.
  ReplicaTable(const ExpertPlacement& placement, ReplicaChoice choice);

  /// The slots in the order in which tokens take them, never empty. Under `nearest` two sources that share
  /// replicas start with different ones.
  [[nodiscard]] std::span<const int> slots(int source_gpu, int expert) const {
    const Range& range = ranges_[index(source_gpu, expert)];
    return std::span(slots_).subspan(range.first, range.count);
  }
  /// The slot, or its GPU, for the token numbered `turn` at its source: turn modulo the number of slots.
  [[nodiscard]] int slot(int source_gpu, int expert, std::uint64_t turn) const {
    const Range& range = ranges_[index(source_gpu, expert)];
    return slots_[range.first + (range.count == 1 ? 0 : turn % range.count)];
  }
  [[nodiscard]] std::uint16_t gpu(int source_gpu, int expert, std::uint64_t turn) const {
    return gpu_of_slot_[static_cast<std::size_t>(slot(source_gpu, expert, turn))];
  }

  /// Tokens per slot from those of each (source GPU, expert), [num_gpus, num_experts]: the slots of a pair
  /// share its tokens evenly. Throws std::invalid_argument for another length.
  [[nodiscard]] std::vector<double> slot_load(std::span<const double> source_tokens) const;

 private:
  struct Range {
    std::uint32_t first = 0;
    std::uint32_t count = 0;
  };
  [[nodiscard]] std::size_t index(int source_gpu, int expert) const {
    return static_cast<std::size_t>(source_gpu) * num_experts_ + static_cast<std::size_t>(expert);
  }

  std::size_t num_experts_;
  std::vector<Range> ranges_;  ///< [num_gpus, num_experts]
  std::vector<int> slots_;
  std::vector<std::uint16_t> gpu_of_slot_;
};

}  // namespace moesim
