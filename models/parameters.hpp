#pragma once

#include <cstdint>

#include "models/model_spec.hpp"

namespace moesim {

/// Parameters by item, in elements. Of the whole model or of one layer (then the outer items are 0).
struct ParameterCount {
  std::int64_t embedding = 0;
  std::int64_t head = 0;       ///< 0 where it is the embedding table
  std::int64_t attention = 0;  ///< projections of all layers, without their biases
  std::int64_t attention_bias = 0;
  std::int64_t dense_ffn = 0;
  std::int64_t shared_experts = 0;
  std::int64_t routed_experts = 0;
  std::int64_t routed_activated = 0;  ///< the part of routed_experts that one token passes
  std::int64_t gate = 0;              ///< of routed and shared experts
  std::int64_t gate_bias = 0;
  std::int64_t norm = 0;
  std::int64_t mtp = 0;  ///< all MTP modules, without the embedding and head they share; in no sum below

  /// Parameters without MTP modules: DeepSeek-V3 671 B, DeepSeek-V2 236 B.
  [[nodiscard]] std::int64_t total() const;
  /// Parameters that one token passes, without MTP modules and without the embedding table, of which a token
  /// reads one row: DeepSeek-V3 36.6 B (published as 37), DeepSeek-V2 20.9 B (21).
  [[nodiscard]] std::int64_t activated() const;
  /// The part of activated() that is multiplied: no norms and biases.
  [[nodiscard]] std::int64_t multiplied() const;
  ParameterCount& operator+=(const ParameterCount& other);
};

ParameterCount parameters(const ModelSpec& spec);

/// One transformer layer: attention, feed-forward part and norms.
ParameterCount layer_parameters(const ModelSpec& spec, LayerKind kind);

/// One MTP module: an MoE layer, the 2 hidden -> hidden projection and three norms. Embedding and head are
/// shared.
ParameterCount mtp_layer_parameters(const ModelSpec& spec);
std::int64_t mtp_projection_parameters(const ModelSpec& spec);

/// One routed expert: gate, up and down projection.
std::int64_t expert_parameters(const ModelSpec& spec);

}  // namespace moesim
