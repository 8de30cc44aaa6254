#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

namespace moesim {

/// Keys of the ranks of a unit as a tree of winners: the lowest is at hand, a change costs the logarithm of
/// their number.
class RankKeys {
 public:
  [[nodiscard]] bool empty() const { return keys_.empty(); }
  void clear() { keys_.clear(); }
  /// `key_of(rank)` for ranks 0 to count - 1; count at least 1.
  template <class KeyOf>
  void assign(std::size_t count, const KeyOf& key_of) {
    for (leaves_ = 1; leaves_ < count;) leaves_ *= 2;
    keys_.assign(leaves_, std::numeric_limits<std::int64_t>::max());
    for (std::size_t rank = 0; rank < count; ++rank) keys_[rank] = key_of(rank);
    winners_.resize(2 * leaves_);
    for (std::size_t rank = 0; rank < leaves_; ++rank) {
      winners_[leaves_ + rank] = static_cast<std::uint32_t>(rank);
    }
    for (std::size_t node = leaves_ - 1; node > 0; --node) play(node);
  }
  void set(std::size_t rank, std::int64_t key) {
    keys_[rank] = key;
    for (std::size_t node = (leaves_ + rank) / 2; node > 0; node /= 2) play(node);
  }
  [[nodiscard]] std::int64_t operator[](std::size_t rank) const { return keys_[rank]; }
  /// The rank with the lowest key, of equal ones the first.
  [[nodiscard]] std::size_t lowest() const { return winners_[1]; }

 private:
  void play(std::size_t node) {
    const std::uint32_t left = winners_[2 * node];
    const std::uint32_t right = winners_[2 * node + 1];
    winners_[node] = keys_[right] < keys_[left] ? right : left;
  }

  std::size_t leaves_ = 1;
  std::vector<std::int64_t> keys_;      ///< [leaves], those without a rank at the largest number
  std::vector<std::uint32_t> winners_;  ///< [2 * leaves]; node 1 is the root
};

}  // namespace moesim
