#pragma once

#include "sim/serving/step/wide_transfers.hpp"

namespace moesim {

/// The ingredients of iterations of a wide unit, each looked up at its shape: kernels by LayerTimes with gaps
/// between them, transfers by WideTransfers.
class WideKernels final : public WideTimes {
 public:
  WideKernels(const UnitCostInput& input, const WideUnit& unit);

  [[nodiscard]] TokenCosts of_tokens(double tokens, bool prompt) const override;
  [[nodiscard]] Cost decode_core(double sequences, double mean_kv, int query_tokens) const override;
  [[nodiscard]] Cost prompt_core(double prompts, double length, double past) const override;
  [[nodiscard]] Cost experts(const ExpertWork& work, bool prompt) const override;
  [[nodiscard]] Cost head(double rows) const override;
  [[nodiscard]] Cost draft_projection(double tokens) const override;
  [[nodiscard]] TransferCost transfer(const TransferLoad& load, bool prompt) const override;

  [[nodiscard]] const LayerTimes& layers() const { return layers_; }
  /// Whether iterations of that kind run as two micro-batches where they are large enough.
  [[nodiscard]] bool overlaps(bool prompt) const;

 private:
  [[nodiscard]] Cost cost_of(const PartTime& part, bool prompt) const;

  UnitCostInput input_;
  LayerTimes layers_;
  WideTransfers transfers_;
  double gap_[2] = {0, 0};  ///< between kernels, [prompt]
};

}  // namespace moesim
