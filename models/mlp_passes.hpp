#pragma once

#include <cstdint>
#include <string>

#include "models/operator_list.hpp"

namespace moesim {

/// A gated feed-forward part of one expert that every token passes: dense or shared. Width as split by tp.
class Ffn {
 public:
  Ffn(std::string prefix, double rows, std::int64_t hidden, std::int64_t intermediate);

  [[nodiscard]] Linear gate_up() const;  ///< names point into this object
  [[nodiscard]] Linear down() const;
  /// `keeps_input`: the input of SwiGLU is kept in FP8 for the backward pass (DeepSeek-V3 report, 3.3.3).
  void append_forward(OperatorList& list, bool keeps_input) const;
  /// Through down and SwiGLU; `gradient_bytes` = bytes per element of the incoming gradient.
  void append_down_backward(OperatorList& list, double gradient_bytes,
                            const RecomputeChoices& recompute) const;
  void append_gate_up_backward(OperatorList& list) const;
  void append_weight_gradient(OperatorList& list) const;

 private:
  std::string prefix_, gate_up_name_, down_name_;
  double rows_;
  std::int64_t hidden_, intermediate_;
};

/// [rows, 2 width] BF16 -> [rows, width] in the operand format.
void append_swiglu(OperatorList& list, const std::string& where, double rows, double width);
/// The norm before the feed-forward part again, and its cast.
void append_recomputed_mlp_norm(OperatorList& list, const OperatorContext& context, double hidden);

}  // namespace moesim
