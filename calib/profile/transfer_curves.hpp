#pragma once

#include <optional>
#include <vector>

#include "calib/profile/nearest_points.hpp"

namespace moesim {

/// Expert dispatch or combine as one GPU of `ep` sees it.
struct TransferShape {
  TimedOperator op = TimedOperator::dispatch_low_latency;
  double ep = 0;
  double tokens = 0;  ///< of one GPU
  double top_k = 0;
  double hidden = 0;
  double sms = 0;        ///< that a normal transfer may use; 0: its usual 20
  double experts = 256;  ///< of the group, among which low-latency kernels divide their SMs

  [[nodiscard]] bool is_combine() const;
  [[nodiscard]] bool is_low_latency() const;
  /// One row: FP8 with a scale per 128 columns for a dispatch, BF16 for a combine, 16 B of header in low
  /// latency.
  [[nodiscard]] double row_bytes() const;
};

/// Bytes per second that NCCL and DeepEP reach over a NIC of 400 Gb/s: for GPUs whose link is not named.
inline constexpr double kUsualNic = 47.5e9;

/// Links that transfers use, in bytes per second and GPU.
struct TransferLinks {
  double nvlink = 0;
  double nic = 0;
  double gpus_per_node = 8;
};

/// A law in the place of measurements. Low latency: 12 us (24 across nodes) + the rows of all chosen experts
/// over 0.68 (combine 0.57) of NVLink, or those that leave the node over the NIC, whichever takes longer.
/// Normal: 27 us (combine 49) + rows of distinct GPUs over 0.7 of NVLink, of distinct other nodes over the
/// NIC; fewer than 20 SMs in proportion.
double transfer_law(const TransferShape& shape, const TransferLinks& links);

/// Distinct groups of `groups` that `top_k` choices at random among them reach.
double distinct_groups(double groups, double top_k);

/// Times of one kind of transfer, for each number of GPUs that was timed.
class TransferCurves {
 public:
  TransferCurves(TimedOperator op, const TransferLinks& links) : op_(op), links_(links) {}

  [[nodiscard]] TimedOperator op() const { return op_; }
  void add(const TransferShape& shape, const TimeEstimate& estimate);

  /// The time where several loads were timed at the number of GPUs that is nearest in logarithms: by
  /// NearestPoints over tokens (which count half), top_k, hidden and SMs or experts (one and a half) with
  /// transfer_law() as the carrier. For another number
  /// of GPUs the law carries. Nothing where only one load was timed there.
  [[nodiscard]] std::optional<TimeEstimate> estimate(const TransferShape& shape) const;

 private:
  struct Curve {
    double ep = 0;
    NearestPoints points;
  };
  TimedOperator op_;
  TransferLinks links_;
  std::vector<Curve> curves_;  ///< ascending in ep
};

/// The shape of an entry of a transfer.
TransferShape transfer_shape_of(const Entry& entry);

}  // namespace moesim
