#include <fmt/format.h>

#include "models/hugging_face_config.hpp"

namespace moesim {

/// Mixtral 8x7B and 8x22B: every layer has experts as wide as a dense layer would be, none of them shared;
/// the affinities of the chosen ones sum to 1 (Mixtral of Experts, 2.1).
ModelSpec read_mixtral(const HuggingFaceConfig& config) {
  ModelSpec m = read_decoder(config);
  read_grouped_query(config, m);
  if (config.has("sliding_window")) {
    const std::int64_t window = config.width("sliding_window", "the keys that a query sees, or null for all");
    if (window < m.max_positions) {
      config.fail("sliding_window", fmt::format("attention to the last {} tokens is not modelled", window),
                  "give null or at least max_position_embeddings");
    }
  }
  m.expert_intermediate = config.width("intermediate_size", "the width of one expert");
  m.num_experts = config.count("num_local_experts", "the experts of a layer");
  m.top_k = config.count("num_experts_per_tok", "the experts that a token passes");
  m.normalise_top_k = true;
  return m;
}

}  // namespace moesim
