#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "sim/serving/cache/lru_blocks.hpp"
#include "workloads/requests/request.hpp"

namespace moesim {

/// Tokens of a prompt by where their KV cache is found; the rest is computed.
struct PrefixHit {
  std::int64_t gpu = 0;
  std::int64_t host = 0;
  std::int64_t disk = 0;

  [[nodiscard]] std::int64_t total() const { return gpu + host + disk; }
  bool operator==(const PrefixHit&) const = default;
};

/// The disk tier, shared by the units of a fleet. Like PrefixCache it is changed in order of time and by one
/// thread at a time.
class DiskCache {
 public:
  /// Throws std::invalid_argument for a negative capacity.
  explicit DiskCache(std::int64_t capacity_tokens) : blocks_(capacity_tokens) {}

  [[nodiscard]] bool contains(std::uint64_t hash) const { return blocks_.contains(hash); }
  void touch(std::uint64_t hash) { blocks_.touch(hash); }
  /// Takes over blocks, oldest first; what does not fit is lost.
  void insert(std::span<const CachedBlock> blocks);
  [[nodiscard]] std::int64_t capacity_tokens() const { return blocks_.capacity_tokens(); }
  [[nodiscard]] std::int64_t used_tokens() const { return blocks_.used_tokens(); }

 private:
  LruBlocks blocks_;
  std::vector<CachedBlock> lost_;
};

/// Prefix cache of one unit: blocks of prompts in free KV blocks of its GPUs and in host memory, in one of
/// the two at a time, least recently used ones leave first; from the GPUs they go to host memory, from there
/// to the disk. What has no tier below is lost. A block counts as found only if all before it are, each in
/// any tier. The last token of a prompt is always computed, since its output is the first new token. Requests
/// without hashes find nothing but `Request::stated_cached_tokens`, which lie on disk where there is one.
class PrefixCache {
 public:
  /// Capacities in tokens; `disk` may be null. Throws std::invalid_argument for negative ones.
  PrefixCache(std::int64_t gpu_tokens, std::int64_t host_tokens, std::shared_ptr<DiskCache> disk);

  /// What a request would find. O(blocks found).
  [[nodiscard]] PrefixHit find(const Request& request) const;
  /// The same; the blocks found become the most recently used of their tiers.
  PrefixHit use(const Request& request);
  /// The prompt is computed, its blocks lie on the GPUs (if there is room, else where evicted ones go), the
  /// beginning of the prompt as the most recent.
  void insert(const Request& request);
  /// Follows the free KV blocks of the unit; what no longer fits goes down.
  void set_gpu_capacity(std::int64_t tokens);
  /// A failure of the unit's nodes: both tiers are empty, the disk stays.
  void clear();

  [[nodiscard]] std::int64_t gpu_capacity() const { return gpu_.capacity_tokens(); }
  [[nodiscard]] std::int64_t gpu_tokens() const { return gpu_.used_tokens(); }
  [[nodiscard]] std::int64_t host_capacity() const { return host_.capacity_tokens(); }
  [[nodiscard]] std::int64_t host_tokens() const { return host_.used_tokens(); }

 private:
  void go_down();

  LruBlocks gpu_;
  LruBlocks host_;
  std::shared_ptr<DiskCache> disk_;
  std::vector<CachedBlock> from_gpu_;   ///< scratch
  std::vector<CachedBlock> from_host_;  ///< scratch
};

}  // namespace moesim
