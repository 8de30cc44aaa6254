#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

namespace moesim {

/// Places of blocks by their hash: open addressing with linear probing in one array, at most half full.
class BlockIndex {
 public:
  static constexpr std::uint32_t kNone = std::numeric_limits<std::uint32_t>::max();

  /// The block's place; kNone where it is not there.
  [[nodiscard]] std::uint32_t find(std::uint64_t hash) const {
    return slots_.empty() ? kNone : slots_[slot_of(hash)].place;
  }
  /// A block that is not there yet, at a place that is not kNone.
  void insert(std::uint64_t hash, std::uint32_t place);
  /// Takes a block out; nothing where it is not there.
  void erase(std::uint64_t hash);
  [[nodiscard]] std::size_t size() const { return size_; }

 private:
  struct Slot {
    std::uint64_t hash = 0;
    std::uint32_t place = kNone;  ///< kNone: nothing here
  };
  /// Where the hash begins to be looked for: the top bits of its product with 2^64 over the golden ratio
  /// (Knuth, The Art of Computer Programming 3, 6.4), since the hashes of traces may be consecutive numbers.
  [[nodiscard]] std::size_t home_of(std::uint64_t hash) const {
    return static_cast<std::size_t>((hash * 0x9E3779B97F4A7C15U) >> shift_);
  }
  /// The slot that holds the hash, else the empty one where it would be put.
  [[nodiscard]] std::size_t slot_of(std::uint64_t hash) const {
    std::size_t at = home_of(hash);
    while (slots_[at].place != kNone && slots_[at].hash != hash) at = next(at);
    return at;
  }
  [[nodiscard]] std::size_t next(std::size_t at) const { return (at + 1) & (slots_.size() - 1); }
  void grow();

  std::vector<Slot> slots_;  ///< a power of two, or none
  int shift_ = 0;
  std::size_t size_ = 0;
};

}  // namespace moesim
