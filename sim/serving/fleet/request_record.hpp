#pragma once

#include <cstdint>
#include <string>

namespace moesim {

/// What became of one request. Times are seconds since the start of the workload.
struct RequestRecord {
  std::int64_t id = 0;  ///< negative for those that a warm start begins with
  double arrival_s = 0;
  double start_s = 0;        ///< its prompt left the queue
  double first_token_s = 0;  ///< as the user sees it
  double end_s = 0;
  std::int64_t input_tokens = 0;
  std::int64_t output_tokens = 0;
  std::int64_t cached_gpu_tokens = 0;
  std::int64_t cached_host_tokens = 0;
  std::int64_t cached_disk_tokens = 0;
  int prefill_unit = -1;  ///< index over the fleet
  int decode_unit = -1;
  int preemptions = 0;
  int retries = 0;
  bool rejected = false;
  bool measured = true;   ///< not of a warm-up
  bool resident = false;  ///< was running at a warm start: only its end is known

  [[nodiscard]] double ttft_s() const { return first_token_s - arrival_s; }
  [[nodiscard]] double e2e_s() const { return end_s - arrival_s; }
  /// Mean time of an output token behind the first; 0 for one token.
  [[nodiscard]] double tpot_s() const {
    return output_tokens > 1 ? (end_s - first_token_s) / static_cast<double>(output_tokens - 1) : 0;
  }
};

/// Takes records as requests end, in order of their end.
class RequestSink {
 public:
  virtual ~RequestSink() = default;
  virtual void add(const RequestRecord& record) = 0;
  /// A request that is in flight when a run ends. `end_s` is that time, infinite where the rest of it would
  /// never come; `first_token_s` is `arrival_s` where none was seen. Comes behind those that ended in its
  /// window.
  virtual void add_unfinished(const RequestRecord& /*record*/) {}
};

}  // namespace moesim
