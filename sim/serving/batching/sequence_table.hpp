#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "sim/serving/batching/sequence_work.hpp"

namespace moesim {

/// KV lengths and rates are integers in units of 2^-20 tokens, so sums over sequences are exact.
constexpr int kTokenBits = 20;

/// A request inside a unit. Its KV cache holds prompt and generated tokens; while it decodes the cache is
/// (base_tokens << kTokenBits) + rate * (clock - base_clock), where the clock counts decode iterations.
struct Sequence {
  SequenceWork work;
  double submitted_s = 0;
  double ready_s = 0;       ///< its cached tokens are loaded
  double last_token_s = 0;  ///< when the user got the last one
  std::uint64_t order = 0;  ///< of submission
  std::uint64_t admitted = 0;
  std::int64_t generated = 0;    ///< tokens, when it last entered or left the decoding batch
  std::int64_t steps_left = -1;  ///< decode iterations, then; -1: not drawn yet
  std::int64_t to_compute = 0;  ///< prompt tokens, generated ones included after a preemption; 0: has a cache
  std::int64_t past = 0;        ///< cached ones before those
  std::int64_t computed = 0;    ///< of to_compute
  std::int64_t chunk = 0;       ///< being computed in this iteration
  std::uint64_t base_clock = 0;
  std::uint64_t rate = 0;
  std::int64_t base_tokens = 0;
  std::uint32_t rank = 0;
  std::uint32_t place = 0;  ///< in the rank's list
  bool started = false;
  bool decoding = false;
  bool swapped = false;
  bool recomputing = false;

  /// Whole KV tokens at a clock, while decoding.
  [[nodiscard]] std::int64_t kv_tokens(std::uint64_t clock) const {
    return base_tokens + static_cast<std::int64_t>((rate * (clock - base_clock)) >> kTokenBits);
  }
};

/// Slots of sequences, reused.
class SequenceTable {
 public:
  std::uint32_t add(const Sequence& sequence) {
    if (free_.empty()) {
      slots_.push_back(sequence);
      return static_cast<std::uint32_t>(slots_.size() - 1);
    }
    const std::uint32_t slot = free_.back();
    free_.pop_back();
    slots_[slot] = sequence;
    return slot;
  }
  void erase(std::uint32_t slot) { free_.push_back(slot); }
  Sequence& operator[](std::uint32_t slot) { return slots_[slot]; }
  const Sequence& operator[](std::uint32_t slot) const { return slots_[slot]; }
  [[nodiscard]] std::size_t in_use() const { return slots_.size() - free_.size(); }
  void clear() {
    slots_.clear();
    free_.clear();
  }

 private:
  std::vector<Sequence> slots_;
  std::vector<std::uint32_t> free_;
};

}  // namespace moesim
