#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "sim/schedule/pass_blocks.hpp"
#include "sim/schedule/pass_sequence.hpp"

namespace moesim {

/// Operations of a micro-batch on a stage that others wait for.
enum class Milestone : std::uint8_t { forward_output, activation_sent, backward_output, gradient_sent };

/// One pass with the block that it expands to and what follows the block.
struct PlacedPass {
  PassStep step{};
  const Block* block = nullptr;
  bool sends_activation = false;
  bool sends_gradient = false;
  bool completes_weights = false;  ///< the last pass that adds to the weight gradients of chunk_b's stage
};

struct RankLayout {
  std::vector<PlacedPass> passes;
  std::size_t num_operations = 0;
};

/// Where everything will stand in the programs of all ranks, known before any of them is written, so that a
/// program can point ahead into another one. Refers to `blocks`, which must outlive it.
class PassLayout {
 public:
  PassLayout(const ScheduleShape& shape, const PassBlocks& blocks);

  [[nodiscard]] const RankLayout& of_rank(int rank) const { return ranks_[static_cast<std::size_t>(rank)]; }
  [[nodiscard]] Dependency at(int stage, int microbatch, Milestone milestone) const;
  [[nodiscard]] std::size_t num_dependencies() const { return num_dependencies_; }

 private:
  RankLayout lay_out(int rank);
  /// dependencies_of(block), counted once.
  std::size_t dependencies_in(const Block& block);
  [[nodiscard]] PlacedPass place(const PassStep& step, int rank) const;
  [[nodiscard]] bool sends(int rank, int neighbour, int microbatch) const;
  [[nodiscard]] const Block& block_of(const PassStep& step, int forward, int backward) const;
  void use_variant(PlacedPass& pass, int rank, bool first_forward) const;
  void mark_outputs(const PlacedPass& pass, int rank, std::size_t first);
  void mark(int stage, int microbatch, Milestone milestone, std::size_t index);

  ScheduleShape shape_;
  const PassBlocks& blocks_;
  std::vector<RankLayout> ranks_;
  std::vector<std::array<std::uint32_t, 4>> milestones_;  ///< [num_stages][num_microbatches] positions
  std::size_t num_dependencies_ = 0;
  std::unordered_map<const Block*, std::size_t> num_dependencies_of_;
};

}  // namespace moesim
