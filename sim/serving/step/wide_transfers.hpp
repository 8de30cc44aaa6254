#pragma once

#include <algorithm>

#include "calib/profile/transfer_curves.hpp"
#include "sim/serving/step/wide_times.hpp"
#include "sim/serving/step/wide_unit.hpp"

namespace moesim {

/// Dispatch and combine of DeepEP over a wide unit, looked up in the profile and carried to the links of the
/// cluster and to the nodes that tokens reach.
class WideTransfers {
 public:
  /// A balanced normal transfer: `fixed` + the longer of `nic` and `nvlink`.
  struct Normal {
    double fixed = 0;
    double nic = 0;
    double nvlink = 0;
    Provenance provenance = Provenance::assumed;

    [[nodiscard]] double seconds(const TransferLoad& load) const {
      return fixed + std::max(nic * load.node_ratio, nvlink * load.gpu_ratio);
    }
  };

  WideTransfers(const UnitCostInput& input, const WideUnit& unit);

  /// Every chosen expert receives its own row, so the fullest GPU's rows count. Times of the profile at
  /// expert-parallel sizes of whole powers of two, between them linear in the logarithms.
  [[nodiscard]] TransferTime low_latency(const TransferLoad& load, bool combine) const;
  /// A token crosses the NIC once for each other node that it reaches, and NVLink once for each GPU: the
  /// slower of both, times what the profile measured over that law. `beside_computation` adds the constant
  /// transfer_overlap_addition for each byte of a GPU's rows in BF16 between nodes.
  [[nodiscard]] Normal normal(double tokens, bool combine, bool beside_computation) const;
  /// Send and receive of a low-latency transfer.
  [[nodiscard]] double kernel_seconds(double tokens, bool combine) const;

 private:
  [[nodiscard]] TransferShape shape(double tokens, bool combine, bool low_latency) const;
  [[nodiscard]] TimeEstimate low_latency_at(const TransferShape& shape) const;
  /// What the profile measured of a balanced transfer over the law of its links, without their starts.
  struct Anchor {
    double start = 0;
    double ratio = 1;
    Provenance provenance = Provenance::assumed;
  };
  [[nodiscard]] Anchor anchor(const TransferShape& shape) const;
  /// Seconds per token over NVLink for each GPU that it reaches.
  [[nodiscard]] static double over_nvlink(const TransferShape& shape, const TransferLinks& links);

  UnitCostInput input_;
  WideUnit unit_;
  TransferLinks timed_;  ///< of the GPUs that the profile is of
  TransferLinks links_;  ///< of the cluster
  double num_sms_ = 0;
  double addition_ = 0;
  double kernel_floor_ = 0;
};

}  // namespace moesim
