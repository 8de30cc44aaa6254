#pragma once

#include "calib/profile/transfer_curves.hpp"
#include "sim/serving/step/wide_times.hpp"
#include "sim/serving/step/wide_unit.hpp"

namespace moesim {

/// Dispatch and combine of DeepEP over a wide unit, looked up in the profile and carried to the links of the
/// cluster and to the nodes that tokens reach.
class WideTransfers {
 public:
  WideTransfers(const UnitCostInput& input, const WideUnit& unit);

  /// Every chosen expert receives its own row, so the fullest GPU's rows count. Times of the profile at
  /// expert-parallel sizes of whole powers of two, between them linear in the logarithms.
  [[nodiscard]] TransferCost low_latency(const TransferLoad& load) const;
  /// A token crosses the NIC once for each other node that it reaches, and NVLink once for each GPU: the
  /// slower of both, times what the profile measured over that law. `beside_computation` adds the constant
  /// transfer_overlap_addition for each byte of a GPU's rows in BF16 between nodes.
  [[nodiscard]] TransferCost normal(const TransferLoad& load, bool beside_computation) const;

 private:
  [[nodiscard]] TransferShape shape(const TransferLoad& load, bool low_latency, double ep) const;
  [[nodiscard]] TimeEstimate low_latency_at(const TransferShape& shape) const;
  /// What the profile measured of a balanced transfer over the law of its links, without their starts.
  struct Anchor {
    double start = 0;
    double ratio = 1;
    Provenance provenance = Provenance::assumed;
  };
  [[nodiscard]] Anchor anchor(const TransferShape& shape) const;
  /// Seconds per token, without a start.
  [[nodiscard]] double per_token(const TransferShape& shape, const TransferLinks& links, double remote_nodes,
                                 double gpus) const;
  [[nodiscard]] double kernel_seconds(const TransferShape& shape) const;

  UnitCostInput input_;
  WideUnit unit_;
  TransferLinks timed_;  ///< of the GPUs that the profile is of
  TransferLinks links_;  ///< of the cluster
  double num_sms_ = 0;
  double addition_ = 0;
  double kernel_floor_ = 0;
};

}  // namespace moesim
