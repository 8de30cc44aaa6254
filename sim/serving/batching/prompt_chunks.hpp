#pragma once

#include <cstdint>
#include <vector>

#include "sim/serving/batching/kv_ranks.hpp"
#include "sim/serving/batching/sequence_table.hpp"
#include "sim/serving/deployment/pool_spec.hpp"
#include "sim/serving/step/step_costs.hpp"

namespace moesim {

/// Prompts in progress on the ranks of a unit and the chunks of them that an iteration computes.
class PromptChunks {
 public:
  PromptChunks(const BatchingSpec& batching, std::size_t ranks);

  /// Starts an iteration: budgets are whole, or less `decode_tokens` for each decoding sequence where both
  /// share them, and prompts in progress take their chunks, oldest first.
  void begin(SequenceTable& sequences, const KvRanks& ranks, int decode_tokens);
  /// Whether a new prompt of `tokens` to compute gets a chunk on a rank.
  [[nodiscard]] bool has_budget(std::size_t rank, std::int64_t tokens) const;
  /// A prompt starts on its rank, with a chunk of this iteration.
  void start(SequenceTable& sequences, std::uint32_t slot);
  /// Puts the chunks of this iteration into `batch`.
  void fill(StepBatch& batch) const;
  /// Ends the iteration: chunks count as computed, prompts that are done leave; appended in order of ranks.
  void end(SequenceTable& sequences, std::vector<std::uint32_t>& done);
  void remove(const SequenceTable& sequences, std::uint32_t slot);
  void clear();

  [[nodiscard]] bool empty() const { return count_ == 0; }
  [[nodiscard]] const std::vector<std::uint32_t>& on(std::size_t rank) const { return prompts_[rank]; }

 private:
  struct Share {
    std::int64_t budget = 0;
    std::int64_t tokens = 0;
    double pairs = 0;
  };
  [[nodiscard]] std::int64_t chunk_of(const Share& share, std::int64_t tokens) const;
  void take(Sequence& sequence);

  BatchingSpec batching_;
  std::vector<std::vector<std::uint32_t>> prompts_;  ///< by rank, oldest first
  std::vector<Share> shares_;                        ///< of this iteration
  StepBatch batch_;                                  ///< its sums
  std::size_t count_ = 0;
};

}  // namespace moesim
