#pragma once

#include <vector>

#include "calib/profile/curves.hpp"

namespace moesim {

/// One timed collective inside a node.
struct CollectivePoint {
  double bytes = 0;  ///< of the whole buffer of one GPU, as nccl-tests counts it
  TimeEstimate estimate;
};

/// Times of one collective against buffer size, for each number of GPUs that was timed.
class CollectiveCurves {
 public:
  explicit CollectiveCurves(TimedOperator op) : op_(op) {}

  [[nodiscard]] TimedOperator op() const { return op_; }

  /// Adds a timed point; call complete() of all and make_monotone() behind the last.
  void add(double num_gpus, CollectivePoint point);

  /// Makes time grow with bytes: neighbours that fall are replaced by the mean of their logarithms
  /// (pool-adjacent-violators), so that noise of small messages gives no larger message an earlier end.
  void make_monotone();

  /// Time of the collective over `num_gpus` GPUs. Along bytes: log-log between two points, time held below
  /// the smallest, bandwidth held above the largest. Another number of GPUs: log of time linear in its log
  /// between two that were timed; outside, the nearest scaled by (n - 1) / n, the share of the buffer that
  /// leaves a GPU. Needs at least one point; 0 for one GPU.
  [[nodiscard]] TimeEstimate estimate(double num_gpus, double bytes) const;

 private:
  struct Curve {
    double num_gpus = 0;
    std::vector<CollectivePoint> points;  ///< ascending in bytes
  };
  friend class CollectiveCompletion;

  TimedOperator op_;
  std::vector<Curve> curves_;  ///< ascending in num_gpus
};

/// Gives every curve of at least four points the sizes that others have and it lacks: protocols change
/// at the same sizes. A time is the weighted median over the other curves of their time there, times the
/// weighted median of what this one takes over them at its own sizes nearby; inside the curve it is mixed
/// with its own log-log line. Such points are derived, p10 and p90 at -12 % and +12 %.
void complete(std::vector<CollectiveCurves>& all);

/// True for all_reduce, all_gather, reduce_scatter and all_to_all.
bool is_collective(TimedOperator op);

}  // namespace moesim
