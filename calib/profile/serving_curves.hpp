#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "calib/profile/batched_curves.hpp"
#include "calib/profile/collective_curves.hpp"
#include "calib/profile/expert_curves.hpp"
#include "calib/profile/transfer_curves.hpp"

namespace moesim {

/// An entry in use and its time.
struct TimedEntry {
  const Entry* entry;
  TimeEstimate estimate;
};

/// Curves of experts, their transfers, batched GEMMs and the all-reduce of a serving framework. Nothing where
/// there are no points. A transfer that another GPU timed counts only where the GPU has none of its own at
/// that number of GPUs. Entries of other operators, regimes and with bandwidths are passed over.
class ServingCurves {
 public:
  ServingCurves() = default;
  ServingCurves(std::span<const TimedEntry> entries, const GpuFacts& gpu, const TransferLinks& links);

  /// Where the kernel has no points in the format of the shape, those of another format carry.
  [[nodiscard]] std::optional<TimeEstimate> experts(std::string_view kernel, const ExpertShape& shape) const;
  [[nodiscard]] std::optional<TimeEstimate> transfer(const TransferShape& shape) const;
  [[nodiscard]] std::optional<TimeEstimate> batched_gemm(const BatchedGemmShape& shape) const;
  [[nodiscard]] std::optional<TimeEstimate> custom_all_reduce(double num_gpus, double bytes) const;

 private:
  struct Experts {
    std::string kernel;
    NumberFormat format;
    ExpertCurves curves;
  };
  struct Batched {
    NumberFormat format;
    BatchedGemmCurves curves;
  };
  void add(const TimedEntry& timed);
  [[nodiscard]] const Experts* find(std::string_view kernel, NumberFormat format) const;

  GpuFacts gpu_;
  TransferLinks links_;
  std::span<const TimedEntry> all_;  ///< while the curves are made
  std::vector<Experts> experts_;
  std::vector<Batched> batched_;
  std::vector<TransferCurves> transfers_;
  std::optional<CollectiveCurves> all_reduce_;
};

}  // namespace moesim
