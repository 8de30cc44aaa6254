#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "sim/serving/cache/block_index.hpp"

namespace moesim {

/// A block of a prompt's KV cache: its hash stands for it and all before it.
struct CachedBlock {
  std::uint64_t hash = 0;
  std::int64_t tokens = 0;
};

/// One tier: blocks by hash up to a capacity in tokens, the least recently used leave first. All operations
/// are O(1) but for the blocks that leave.
class LruBlocks {
 public:
  /// Throws std::invalid_argument for a negative capacity.
  explicit LruBlocks(std::int64_t capacity_tokens = 0);

  [[nodiscard]] bool contains(std::uint64_t hash) const { return places_.find(hash) != kNone; }
  /// Makes a block the most recently used; nothing where it is not there.
  void touch(std::uint64_t hash);
  /// Puts in a block of at least 1 token, or touches it; appends what leaves for it to `evicted`, oldest
  /// first. A block above the whole capacity is itself appended.
  void insert(const CachedBlock& block, std::vector<CachedBlock>& evicted);
  /// Takes a block out; nothing where it is not there.
  void erase(std::uint64_t hash);
  /// Appends what no longer fits to `evicted`, oldest first.
  void set_capacity(std::int64_t capacity_tokens, std::vector<CachedBlock>& evicted);
  /// Takes every block out.
  void clear();

  [[nodiscard]] std::int64_t capacity_tokens() const { return capacity_; }
  [[nodiscard]] std::int64_t used_tokens() const { return used_; }
  [[nodiscard]] std::size_t num_blocks() const { return places_.size(); }

 private:
  static constexpr std::uint32_t kNone = BlockIndex::kNone;
  struct Node {
    CachedBlock block;
    std::uint32_t newer = kNone;
    std::uint32_t older = kNone;
  };
  void unlink(std::uint32_t at);
  void link_newest(std::uint32_t at);
  void evict_down_to(std::int64_t tokens, std::vector<CachedBlock>& evicted);

  std::int64_t capacity_;
  std::int64_t used_ = 0;
  std::uint32_t newest_ = kNone;
  std::uint32_t oldest_ = kNone;
  std::vector<Node> nodes_;
  std::vector<std::uint32_t> free_;
  BlockIndex places_;
};

}  // namespace moesim
