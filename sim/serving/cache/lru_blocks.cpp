#include "sim/serving/cache/lru_blocks.hpp"

#include <stdexcept>

namespace moesim {

LruBlocks::LruBlocks(std::int64_t capacity_tokens) : capacity_(capacity_tokens) {
  if (capacity_tokens < 0) throw std::invalid_argument("a cache of negative capacity");
}

void LruBlocks::unlink(std::uint32_t at) {
  const Node& node = nodes_[at];
  (node.newer == kNone ? newest_ : nodes_[node.newer].older) = node.older;
  (node.older == kNone ? oldest_ : nodes_[node.older].newer) = node.newer;
}

void LruBlocks::link_newest(std::uint32_t at) {
  nodes_[at].newer = kNone;
  nodes_[at].older = newest_;
  (newest_ == kNone ? oldest_ : nodes_[newest_].newer) = at;
  newest_ = at;
}

void LruBlocks::touch(std::uint64_t hash) {
  const std::uint32_t at = places_.find(hash);
  if (at == kNone || at == newest_) return;
  unlink(at);
  link_newest(at);
}

void LruBlocks::evict_down_to(std::int64_t tokens, std::vector<CachedBlock>& evicted) {
  while (used_ > tokens) {
    const CachedBlock block = nodes_[oldest_].block;
    erase(block.hash);
    evicted.push_back(block);
  }
}

void LruBlocks::insert(const CachedBlock& block, std::vector<CachedBlock>& evicted) {
  if (block.tokens < 1) throw std::invalid_argument("a cached block without tokens");
  if (contains(block.hash)) return touch(block.hash);
  if (block.tokens > capacity_) return evicted.push_back(block);
  evict_down_to(capacity_ - block.tokens, evicted);
  if (free_.empty()) {
    free_.push_back(static_cast<std::uint32_t>(nodes_.size()));
    nodes_.emplace_back();
  }
  const std::uint32_t at = free_.back();
  free_.pop_back();
  nodes_[at].block = block;
  link_newest(at);
  places_.insert(block.hash, at);
  used_ += block.tokens;
}

void LruBlocks::erase(std::uint64_t hash) {
  const std::uint32_t at = places_.find(hash);
  if (at == kNone) return;
  unlink(at);
  used_ -= nodes_[at].block.tokens;
  free_.push_back(at);
  places_.erase(hash);
}

void LruBlocks::set_capacity(std::int64_t capacity_tokens, std::vector<CachedBlock>& evicted) {
  if (capacity_tokens < 0) throw std::invalid_argument("a cache of negative capacity");
  capacity_ = capacity_tokens;
  evict_down_to(capacity_, evicted);
}

void LruBlocks::clear() {
  *this = LruBlocks(capacity_);
}

}  // namespace moesim
