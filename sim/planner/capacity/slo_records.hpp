#pragma once

#include <cstdint>
#include <vector>

#include "sim/planner/capacity/slo.hpp"
#include "sim/serving/batching/log_histogram.hpp"
#include "sim/serving/fleet/request_record.hpp"

namespace moesim {

/// What became of a target.
struct TargetOutcome {
  double value_s = 0;         ///< the target's percentile; infinite where too many requests have no such time
  std::int64_t requests = 0;  ///< that count
  std::int64_t misses = 0;
  bool holds = false;
};

/// Counts measured requests against targets, in bounded memory. Requests that are rejected, or that a run
/// leaves behind later than the limit, are misses; of those that a run leaves behind younger than that
/// nothing is known, and they count for nothing. Requests of one token have no time between tokens.
class SloRecords final : public RequestSink {
 public:
  explicit SloRecords(const std::vector<SloTarget>& targets);
  void add(const RequestRecord& record) override;
  void add_unfinished(const RequestRecord& record) override;
  /// Whether a target is missed whatever becomes of the others of at most `most_requests` requests.
  [[nodiscard]] bool surely_missed(std::int64_t most_requests) const;
  /// [targets]. Percentiles are the least time that the share of requests is within (nearest rank), known to
  /// 0.2 %; whether a target holds is counted exactly. A target without any request does not hold.
  [[nodiscard]] std::vector<TargetOutcome> outcomes() const;

 private:
  struct Count {
    SloTarget target;
    LogHistogram times;
    std::int64_t within = 0;
    std::int64_t requests = 0;
  };
  static void add_time(double seconds, Count& count);
  /// Of a request whose time is more than `least_s`, nobody knows by how much.
  static void add_unknown(double least_s, Count& count);

  std::vector<Count> counts_;
};

}  // namespace moesim
