#include "sim/serving/cache/prefix_cache.hpp"

#include <algorithm>
#include <utility>

namespace moesim {
namespace {

/// Tokens of the prompt's block `i`; the last one may be partial. 0 beyond the prompt.
std::int64_t tokens_of_block(const Request& request, std::size_t i) {
  const std::int64_t begin = static_cast<std::int64_t>(i) * request.block_tokens;
  return std::clamp<std::int64_t>(request.input_tokens - begin, 0, request.block_tokens);
}

std::size_t num_blocks(const Request& request) {
  if (request.block_tokens <= 0 || request.input_tokens <= 0) return 0;
  const auto covering = static_cast<std::size_t>((request.input_tokens - 1) / request.block_tokens + 1);
  return std::min(request.blocks.size(), covering);
}

/// Leaves at least one token to compute, taken from the slowest tier first.
PrefixHit capped(PrefixHit hit, const Request& request) {
  std::int64_t excess = hit.total() - std::max<std::int64_t>(request.input_tokens - 1, 0);
  for (std::int64_t* tier : {&hit.disk, &hit.host, &hit.gpu}) {
    const std::int64_t taken = std::clamp<std::int64_t>(excess, 0, *tier);
    *tier -= taken;
    excess -= taken;
  }
  return hit;
}

}  // namespace

void DiskCache::insert(std::span<const CachedBlock> blocks) {
  for (const CachedBlock& block : blocks) blocks_.insert(block, lost_);
  lost_.clear();
}

PrefixCache::PrefixCache(std::int64_t gpu_tokens, std::int64_t host_tokens, std::shared_ptr<DiskCache> disk)
    : gpu_(gpu_tokens), host_(host_tokens), disk_(std::move(disk)) {}

PrefixHit PrefixCache::find(const Request& request) const {
  PrefixHit hit;
  const std::size_t blocks = num_blocks(request);
  for (std::size_t i = 0; i < blocks; ++i) {
    const std::uint64_t hash = request.blocks[i];
    const std::int64_t tokens = tokens_of_block(request, i);
    if (gpu_.contains(hash)) {
      hit.gpu += tokens;
    } else if (host_.contains(hash)) {
      hit.host += tokens;
    } else if (disk_ && disk_->contains(hash)) {
      hit.disk += tokens;
    } else {
      break;
    }
  }
  if (disk_ && disk_->capacity_tokens() > 0 && request.blocks.empty())
    hit.disk = std::max<std::int64_t>(request.stated_cached_tokens, 0);
  return capped(hit, request);
}

PrefixHit PrefixCache::use(const Request& request) {
  std::size_t found = 0;
  const std::size_t blocks = num_blocks(request);
  while (found < blocks && (gpu_.contains(request.blocks[found]) || host_.contains(request.blocks[found]) ||
                            (disk_ && disk_->contains(request.blocks[found])))) {
    ++found;
  }
  const PrefixHit hit = find(request);
  // Backwards: of one prompt the beginning leaves last, since nothing counts without it.
  for (std::size_t i = found; i-- > 0;) {
    gpu_.touch(request.blocks[i]);
    host_.touch(request.blocks[i]);
    if (disk_) disk_->touch(request.blocks[i]);
  }
  return hit;
}

void PrefixCache::insert(const Request& request) {
  for (std::size_t i = num_blocks(request); i-- > 0;) {
    const CachedBlock block{request.blocks[i], tokens_of_block(request, i)};
    if (block.tokens <= gpu_.capacity_tokens()) host_.erase(block.hash);
    gpu_.insert(block, from_gpu_);
  }
  go_down();
}

void PrefixCache::set_gpu_capacity(std::int64_t tokens) {
  gpu_.set_capacity(tokens, from_gpu_);
  go_down();
}

void PrefixCache::go_down() {
  for (const CachedBlock& block : from_gpu_) {
    if (!gpu_.contains(block.hash)) host_.insert(block, from_host_);
  }
  if (disk_) disk_->insert(from_host_);
  from_gpu_.clear();
  from_host_.clear();
}

void PrefixCache::clear() {
  gpu_.clear();
  host_.clear();
}

}  // namespace moesim
