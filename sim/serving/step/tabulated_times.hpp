#pragma once

#include <optional>
#include <vector>

#include "sim/serving/step/layer_times.hpp"
#include "sim/serving/step/lazy_grid.hpp"

namespace moesim {

/// LayerTimes in tables, with the same functions: linear parts against tokens, decode cores against sequences
/// and mean cache for each number of query tokens, prompt cores against chunks, length and past, experts
/// against rows of an expert, experts and skew. `tokens` of experts is not read: rows x `packed_share`.
class TabulatedTimes {
 public:
  using Part = KernelCost;
  /// `packed_share`: tokens that are packed for each row.
  TabulatedTimes(const LayerTimes& exact, double packed_share);

  [[nodiscard]] KernelCost attention_linear(double tokens, bool prompt) const;
  [[nodiscard]] KernelCost decode_core(double sequences, double mean_kv, int query_tokens) const;
  [[nodiscard]] KernelCost prompt_core(double prompts, double length, double past) const;
  [[nodiscard]] KernelCost gate(double tokens, bool prompt) const;
  [[nodiscard]] KernelCost dense(double tokens, bool prompt) const;
  [[nodiscard]] KernelCost shared(double tokens, bool prompt) const;
  [[nodiscard]] KernelCost experts(const ExpertWork& work, bool prompt) const;
  [[nodiscard]] KernelCost head(double rows) const;
  [[nodiscard]] KernelCost draft_projection(double tokens) const;
  [[nodiscard]] KernelCost all_reduce(double tokens, int gpus) const;
  [[nodiscard]] KernelCost gather_scatter(double tokens) const;

 private:
  using TokenTable = LazyGrid<1, TokenAxis>;
  /// Tables of iterations with prompts or without.
  struct Phase {
    TokenTable attention, gate, dense, shared;
    LazyGrid<3> experts;
    Phase();
  };

  LayerTimes exact_;
  double packed_share_;
  std::array<Phase, 2> phases_;  ///< [without prompts, with]
  TokenTable head_, draft_projection_, all_reduce_, gather_scatter_;
  std::vector<LazyGrid<2>> decode_core_;  ///< by query tokens - 1
  LazyGrid<3> prompt_core_;
};

}  // namespace moesim
