#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace moesim {

/// Sequences by the decode iteration after which they are complete: a ring of buckets with a bitmap. All
/// operations are O(1) but for next_due(), which scans 64 buckets at a time.
class CompletionWheel {
 public:
  CompletionWheel();

  /// `due` above the current clock. A sequence is in the wheel at most once.
  void push(std::uint32_t sequence, std::uint64_t due);
  void remove(std::uint32_t sequence);
  /// Takes out what is due at `clock`, in no order that means anything.
  void pop_due(std::uint64_t clock, std::vector<std::uint32_t>& sequences);
  /// A clock above `clock` before which nothing is due; the next one that is due, unless that is more than
  /// kBuckets away. The largest number when empty.
  [[nodiscard]] std::uint64_t next_due(std::uint64_t clock) const;
  void clear();

  static constexpr std::size_t kBuckets = 8192;

 private:
  static constexpr std::uint32_t kNone = 0xffffffff;
  struct Node {
    std::uint64_t due = 0;
    std::uint32_t next = kNone;
    std::uint32_t previous = kNone;
  };
  std::vector<Node> nodes_;           ///< by sequence
  std::vector<std::uint32_t> heads_;  ///< [kBuckets]
  std::vector<std::uint64_t> used_;   ///< [kBuckets / 64] bit set: bucket not empty
  std::size_t count_ = 0;
};

}  // namespace moesim
