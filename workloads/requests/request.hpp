#pragma once

#include <cstdint>
#include <vector>

namespace moesim {

/// One request of a serving workload.
struct Request {
  std::int64_t id = 0;   ///< order of arrival, from 0
  double arrival_s = 0;  ///< since the start of the workload; not used by closed loops
  std::int64_t input_tokens = 0;
  std::int64_t output_tokens = 0;  ///< at least 1
  /// Tokens of the prompt that a workload states to be cached on disk, without block hashes.
  std::int64_t stated_cached_tokens = 0;
  std::int64_t block_tokens = 0;      ///< tokens of one hashed block; 0: no hashes
  std::vector<std::uint64_t> blocks;  ///< hashes of the prompt's blocks, each of it and all before it
  std::int64_t session = -1;          ///< of a conversation; -1: none
};

/// Yields requests in order of arrival, one at a time: memory does not grow with their number.
class RequestSource {
 public:
  virtual ~RequestSource() = default;
  /// Overwrites `request` with the next one; false at the end. Throws SpecError for a faulty trace.
  virtual bool next(Request& request) = 0;
};

}  // namespace moesim
