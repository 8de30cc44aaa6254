#pragma once

#include <cstdint>

#include "sim/serving/batching/log_histogram.hpp"
#include "sim/serving/fleet/request_record.hpp"
#include "sim/serving/serving_scenario.hpp"

namespace moesim {

/// What the summary says of requests, in bounded memory. Only measured requests count.
class RequestStatistics final : public RequestSink {
 public:
  /// Every record goes on to `next`, which may be null.
  RequestStatistics(const SloSpec& slo, RequestSink* next) : slo_(slo), next_(next) {}

  void add(const RequestRecord& record) override;

  LogHistogram ttft_s;
  LogHistogram tpot_s;  ///< of requests with at least two tokens
  LogHistogram e2e_s;
  std::int64_t completed = 0;
  std::int64_t residents = 0;  ///< of those, running at a warm start: no times, tokens and objectives
  std::int64_t rejected = 0;
  std::int64_t good = 0;  ///< completed within the objectives
  std::int64_t preemptions = 0;
  std::int64_t retries = 0;
  double input_tokens = 0;
  double output_tokens = 0;
  double cached_gpu_tokens = 0;
  double cached_host_tokens = 0;
  double cached_disk_tokens = 0;

 private:
  [[nodiscard]] bool is_good(const RequestRecord& record) const;

  SloSpec slo_;
  RequestSink* next_;
};

}  // namespace moesim
