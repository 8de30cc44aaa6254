#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "sim/serving/batching/sequence_table.hpp"

namespace moesim {

/// KV blocks of the attention ranks of a unit: who is where, how full, and when a rank runs out. Tokens are
/// tracked exactly as linear functions of the decode clock. Blocks are counted only where the bound tokens /
/// block + sequences does not decide: in lockstep, where every sequence grows by one token an iteration, by
/// how many sequences are at which place of their last block; else sequence by sequence.
class KvRanks {
 public:
  KvRanks(std::size_t ranks, std::int64_t block_tokens, std::int64_t blocks, bool lockstep);

  [[nodiscard]] std::size_t size() const { return ranks_.size(); }
  [[nodiscard]] std::int64_t blocks_of(std::int64_t tokens) const {
    return (tokens + block_tokens_ - 1) / block_tokens_;
  }

  /// A decoding sequence with its base clock, tokens and rate set joins `rank`, or leaves its rank.
  void join(Sequence& sequence, std::uint32_t slot, std::uint32_t rank, std::uint64_t clock);
  void leave(const Sequence& sequence, std::uint64_t clock, SequenceTable& sequences);
  /// Blocks for a prompt of so many tokens in all.
  void add_prompt(std::uint32_t rank, std::int64_t tokens, std::uint64_t clock);
  void remove_prompt(std::uint32_t rank, std::int64_t tokens, std::uint64_t clock);

  [[nodiscard]] std::int64_t decoding(std::size_t rank) const { return ranks_[rank].decoding; }
  [[nodiscard]] std::int64_t prompts(std::size_t rank) const { return ranks_[rank].prompts; }
  [[nodiscard]] const std::vector<std::uint32_t>& members(std::size_t rank) const { return members_[rank]; }
  /// KV tokens of decoding sequences of a rank.
  [[nodiscard]] std::int64_t kv_tokens(std::size_t rank, std::uint64_t clock) const {
    return static_cast<std::int64_t>(ranks_[rank].offset + ranks_[rank].rate * clock) >> kTokenBits;
  }
  /// Of those and of prompts.
  [[nodiscard]] std::int64_t all_tokens(std::size_t rank, std::uint64_t clock) const {
    return kv_tokens(rank, clock) + ranks_[rank].prompt_tokens;
  }
  /// Exact. Cost grows with the size of a block in lockstep, else with the rank's sequences.
  [[nodiscard]] std::int64_t blocks(std::size_t rank, std::uint64_t clock) const;
  /// Whether `more` blocks are free beside a `reserve`, which an empty rank does without.
  [[nodiscard]] bool has_room(std::size_t rank, std::uint64_t clock, std::int64_t more,
                              std::int64_t reserve) const;
  /// Decoding sequences of the fullest rank, and KV tokens of the fullest.
  struct Fullest {
    std::int64_t decoding = 0;
    std::int64_t kv_tokens = 0;
  };
  [[nodiscard]] Fullest fullest(std::uint64_t clock) const;
  [[nodiscard]] std::int64_t fullest_kv(std::uint64_t clock) const;

  /// Of the unit.
  [[nodiscard]] std::int64_t total_decoding() const { return total_.decoding; }
  [[nodiscard]] std::int64_t total_prompts() const { return total_.prompts; }
  [[nodiscard]] std::uint64_t total_rate() const { return total_.rate; }
  [[nodiscard]] double total_kv(std::uint64_t clock) const {
    return static_cast<double>(static_cast<std::int64_t>(total_.offset + total_.rate * clock)) *
           (1.0 / (std::int64_t{1} << kTokenBits));
  }
  /// Used share of all blocks when decoding sequences hold `kv_tokens` in sum: half a block of each is taken
  /// to be unused.
  [[nodiscard]] double used_fraction(double kv_tokens) const;

  /// The first clock from `clock` on, at most `until`, at which a rank needs more blocks than it has; `until`
  /// if none does before. `rank` is set where the answer is below `until`.
  std::uint64_t runs_out(std::uint64_t clock, std::uint64_t until, std::uint32_t& rank);
  void clear();

  static constexpr std::uint64_t kNever = std::numeric_limits<std::uint64_t>::max();

 private:
  struct Rank {
    std::uint64_t offset = 0;  ///< KV = offset + rate * clock, modulo 2^64
    std::uint64_t rate = 0;
    std::int64_t decoding = 0;
    std::int64_t prompts = 0;
    std::int64_t prompt_blocks = 0;
    std::int64_t prompt_tokens = 0;
    std::int64_t whole_blocks = 0;  ///< lockstep: sum of floor((base tokens - base clock) / block)
  };
  /// Below `clock` the rank has blocks enough; at `clock` it has not where `exact`.
  struct Horizon {
    std::uint64_t clock = kNever;
    bool exact = true;
  };
  /// KV = offset + rate * clock, modulo 2^64.
  struct Growth {
    std::uint64_t offset = 0;
    std::uint64_t rate = 0;
  };
  void changed(std::size_t rank, std::uint64_t clock);
  [[nodiscard]] Horizon bound(const Rank& rank, std::uint64_t clock) const;
  [[nodiscard]] Horizon refined(std::size_t rank, std::uint64_t clock) const;
  [[nodiscard]] Horizon refined_in_lockstep(std::size_t rank, std::uint64_t clock) const;
  [[nodiscard]] std::int64_t blocks_in_lockstep(std::size_t rank, std::uint64_t clock) const;
  void count_phase(const Sequence& sequence, std::int32_t change);

  std::int64_t block_tokens_;
  std::int64_t blocks_;
  bool lockstep_;
  std::vector<Rank> ranks_;
  /// [ranks][block_tokens] in lockstep: sequences by (base tokens - base clock) modulo the block.
  std::vector<std::int32_t> phases_;
  std::vector<std::vector<std::uint32_t>> members_;  ///< decoding sequences
  std::vector<std::vector<Growth>> growths_;         ///< of those, without lockstep
  std::vector<Horizon> horizons_;
  std::uint64_t earliest_ = kNever;  ///< not above any horizon
  Rank total_;
};

}  // namespace moesim
