#pragma once

#include <array>

#include "sim/serving/step/wide_transfers.hpp"

namespace moesim {

/// The ingredients of iterations of a wide unit, each looked up at its shape: kernels by LayerTimes with gaps
/// between them, transfers by WideTransfers.
class WideKernels final : public WideTimes {
 public:
  WideKernels(const UnitCostInput& input, const WideUnit& unit);

  [[nodiscard]] TokenTimes of_tokens(double tokens, bool prompt) const override;
  [[nodiscard]] KernelCost decode_core(double sequences, double mean_kv, int query_tokens) const override;
  [[nodiscard]] KernelCost prompt_core(double prompts, double length, double past) const override;
  [[nodiscard]] KernelCost experts(const ExpertWork& work, bool prompt) const override;
  [[nodiscard]] KernelCost head(double rows) const override;
  [[nodiscard]] KernelCost draft_projection(double tokens) const override;
  [[nodiscard]] TransferTimes transfers(const TransferLoad& load, bool prompt) const override;
  [[nodiscard]] double launches(bool prompt) const override { return launches_[prompt]; }

  [[nodiscard]] const LayerTimes& layers() const { return layers_; }
  [[nodiscard]] const WideTransfers& transfer_parts() const { return transfers_; }
  [[nodiscard]] bool low_latency(bool prompt) const {
    return layers_.phase(prompt).transfer == ExpertTransfer::deepep_low_latency;
  }
  /// Whether normal transfers run beside computation.
  [[nodiscard]] bool beside_computation() const { return beside_computation_; }

 private:
  [[nodiscard]] KernelCost cost_of(const PartTime& part, bool prompt) const;

  UnitCostInput input_;
  LayerTimes layers_;
  WideTransfers transfers_;
  bool beside_computation_ = false;
  std::array<double, 2> gap_{};  ///< [prompt]
  std::array<double, 2> launches_{};
};

}  // namespace moesim
