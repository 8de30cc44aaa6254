#pragma once

#include <array>
#include <vector>

#include "sim/serving/step/wide_kernels.hpp"

namespace moesim {

/// WideKernels in tables, made as they are asked for: what follows from tokens against tokens, cores against
/// sequences or chunks and lengths, experts against rows of a slot, slots and skew, transfers against tokens.
class WideTables final : public WideTimes {
 public:
  /// `exact` outlives it.
  WideTables(const WideKernels& exact, const WideUnit& unit, int most_query_tokens);

  [[nodiscard]] TokenTimes of_tokens(double tokens, bool prompt) const override;
  [[nodiscard]] KernelCost decode_core(double sequences, double mean_kv, int query_tokens) const override;
  [[nodiscard]] KernelCost prompt_core(double prompts, double length, double past) const override;
  [[nodiscard]] KernelCost experts(const ExpertWork& work, bool prompt) const override;
  [[nodiscard]] KernelCost head(double rows) const override;
  [[nodiscard]] KernelCost draft_projection(double tokens) const override;
  [[nodiscard]] TransferTimes transfers(const TransferLoad& load, bool prompt) const override;
  [[nodiscard]] double launches(bool prompt) const override { return exact_.launches(prompt); }

 private:
  using TokenTable = LazyGrid<1, TokenAxis>;
  /// Iterations with prompts or without. Cells of linear parts hold three of TokenTimes each; those of a
  /// normal transfer its fixed part, NIC and NVLink.
  struct Phase {
    TokenTable attention, others, work, dispatch, combine;
    LazyGrid<3> experts;
    Phase();
  };
  [[nodiscard]] TransferTime transfer(const TransferLoad& load, bool combine, bool prompt) const;

  const WideKernels& exact_;
  double packed_share_;  ///< tokens that are packed for each row of a prompt
  std::array<Phase, 2> phases_;
  std::vector<LazyGrid<2>> decode_core_;  ///< by query tokens - 1
  LazyGrid<3> prompt_core_;
  TokenTable head_, draft_projection_;
  std::array<double, 2> kernel_floor_{}, kernels_per_token_{};  ///< of low-latency transfers, [combine]
};

}  // namespace moesim
