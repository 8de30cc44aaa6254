#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <tuple>
#include <vector>

#include "base/memo.hpp"
#include "models/operators.hpp"
#include "sim/training/layer_work.hpp"

namespace moesim {

/// Remembers the work of layers by what it is made from, for the many layouts of a search that share their
/// model, recipe, profile and stack. Thread-safe.
class KnownWork {
 public:
  enum class Part : std::uint8_t { dense_layer, moe_layer, embedding, head, mtp_projection };
  /// All of an OperatorContext, as something that has an order.
  using Sizes =
      std::tuple<NumberFormat, double, std::int64_t, std::int64_t, bool, int, double, double, int, int, int,
                 bool, NumberFormat, std::tuple<bool, bool, bool, bool, bool, bool, bool>>;
  static Sizes sizes_of(const OperatorContext& context) {
    const auto& [format, tokens, query_tokens, past_tokens, causal, latent_parts, expert_tokens,
                 received_tokens, local_experts, tp, etp, sequence_parallel, gradient_format, recompute] =
        context;
    const auto& [rms_norm, mla_up_projection, swiglu, core_attention, mlp, moe, full_layer] = recompute;
    return {format,
            tokens,
            query_tokens,
            past_tokens,
            causal,
            latent_parts,
            expert_tokens,
            received_tokens,
            local_experts,
            tp,
            etp,
            sequence_parallel,
            gradient_format,
            {rms_norm, mla_up_projection, swiglu, core_attention, mlp, moe, full_layer}};
  }
  /// Sizes at the mean load, those of experts with a load, and that load.
  using Key = std::tuple<Part, Sizes, Sizes, double>;

  Memo<Key, LayerWork> layers{kMost};
  Memo<Sizes, std::vector<std::string>> warnings{kMost};  ///< rule_warnings()

 private:
  static constexpr std::size_t kMost = 16384;
};

}  // namespace moesim
