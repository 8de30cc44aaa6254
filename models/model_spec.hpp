#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/spec.hpp"

namespace moesim {

/// How the gate turns logits into affinities.
enum class Scoring : std::uint8_t { softmax, sigmoid };

/// How the gate scores a group of experts before it picks `topk_groups` of them.
enum class GroupScore : std::uint8_t {
  none,            ///< no group limit
  best,            ///< the best affinity of the group (DeepSeek-V2)
  sum_of_two_best  ///< the sum of the two best biased affinities (DeepSeek-V3)
};

/// A transformer layer's feed-forward part.
enum class LayerKind : std::uint8_t { dense, moe };

/// Widths of multi-head latent attention, in elements. kv_lora_rank = 0: the model has none.
struct MlaDims {
  std::int64_t q_lora_rank = 0;   ///< latent width of queries; 0: one full projection
  std::int64_t kv_lora_rank = 0;  ///< latent width of keys and values, what the KV cache holds
  std::int64_t qk_nope = 0;       ///< per head, without position
  std::int64_t qk_rope = 0;       ///< per head for queries, shared by all heads for keys
  std::int64_t v_head = 0;        ///< per head
  friend bool operator==(const MlaDims&, const MlaDims&) = default;
};

/// A decoder with mixture-of-experts or dense layers: what is computed, independent of where. Widths in
/// elements.
struct ModelSpec {
  std::string name;          ///< what results call it
  std::string family;        ///< model_type of its configuration: deepseek_v3, mixtral, llama, ...
  int num_layers = 0;        ///< without multi-token-prediction modules
  int num_dense_layers = 0;  ///< the first ones, with a dense feed-forward part
  std::int64_t hidden = 0;
  int num_heads = 0;
  MlaDims mla;                ///< set where uses_mla()
  int num_kv_heads = 0;       ///< of grouped-query attention; unused with MLA
  std::int64_t head_dim = 0;  ///< of grouped-query attention; unused with MLA
  bool qkv_bias = false;      ///< biases of the query, key and value projection (Qwen2); not with MLA
  bool qk_norm = false;       ///< an RMSNorm over each head's query and key (Qwen3); not with MLA
  std::int64_t dense_intermediate = 0;   ///< width of a dense layer's feed-forward part
  std::int64_t expert_intermediate = 0;  ///< width of one expert, routed or shared
  int num_experts = 0;                   ///< routed experts per MoE layer
  int num_shared_experts = 0;            ///< fused into one of num_shared_experts x expert_intermediate
  bool shared_gate = false;              ///< the shared experts' output is scaled by a gate (Qwen2-MoE)
  int top_k = 0;                         ///< routed experts per token
  int num_groups = 1;                    ///< groups of experts for limited routing; 1: none
  int topk_groups = 1;                   ///< groups a token may reach
  Scoring scoring = Scoring::softmax;
  GroupScore group_score = GroupScore::none;
  bool normalise_top_k = false;  ///< the chosen affinities are scaled to sum 1
  bool gate_bias = false;        ///< one balancing bias per expert (auxiliary-loss-free)
  double route_scale = 1.0;
  bool random_second = false;  ///< the second of two experts is used with probability 2 g2 (GShard)
  std::int64_t vocabulary = 0;
  int mtp_depth = 0;             ///< multi-token-prediction modules, each with one MoE layer
  bool tied_embeddings = false;  ///< the head is the embedding table
  std::int64_t max_positions = 0;

  [[nodiscard]] bool uses_mla() const { return mla.kv_lora_rank > 0; }
  [[nodiscard]] int num_moe_layers() const { return num_layers - num_dense_layers; }
  /// Layers are counted from 0.
  [[nodiscard]] LayerKind layer_kind(int layer) const {
    return layer < num_dense_layers ? LayerKind::dense : LayerKind::moe;
  }
  /// Width of one head's query and key in the attention core.
  [[nodiscard]] std::int64_t qk_head() const { return uses_mla() ? mla.qk_nope + mla.qk_rope : head_dim; }
  /// Width of one head's value in the attention core.
  [[nodiscard]] std::int64_t v_head() const { return uses_mla() ? mla.v_head : head_dim; }
  /// Width of the fused shared experts; 0 without any.
  [[nodiscard]] std::int64_t shared_intermediate() const { return num_shared_experts * expert_intermediate; }

  friend bool operator==(const ModelSpec&, const ModelSpec&) = default;
};

template <>
struct EnumNames<Scoring> {
  static constexpr std::array<std::pair<Scoring, std::string_view>, 2> table{
      {{Scoring::softmax, "softmax"}, {Scoring::sigmoid, "sigmoid"}}};
};

template <>
struct EnumNames<GroupScore> {
  static constexpr std::array<std::pair<GroupScore, std::string_view>, 3> table{
      {{GroupScore::none, "none"},
       {GroupScore::best, "best"},
       {GroupScore::sum_of_two_best, "sum_of_two_best"}}};
};

const Spec<MlaDims>& spec_of(const MlaDims*);
const Spec<ModelSpec>& spec_of(const ModelSpec*);

/// What contradicts itself in a model, at the key of the compact form; nothing for a sound one.
std::optional<SpecIssue> find_issue(const ModelSpec& spec);

/// Reads the config.json of a Hugging Face model of a known family. Unknown keys are ignored; `file` also
/// gives the name ("DeepSeek-V3.config.json" and "DeepSeek-V3/config.json" are deepseek-v3). Throws SpecError
/// for an unknown family or a missing, mistyped or contradictory field.
ModelSpec read_hugging_face_config(const Json& config, const std::string& file);

/// A Hugging Face configuration (it has model_type or architectures) or a ModelSpec in its compact form.
ModelSpec read_model(const Json& document, const std::string& file);

/// The model of a catalog name ("deepseek-v3") or a path that ends in .json, relative to the folder of
/// `file`, the document that names the model at `pointer`. Throws SpecError, for an unknown name with the
/// nearest one.
ModelSpec load_model(std::string_view name_or_path, const std::string& file = "",
                     const std::string& pointer = "");

/// The models of models/catalog, sorted.
std::vector<std::string> catalog_names();

/// The families that read_hugging_face_config knows, as in model_type.
std::vector<std::string> family_names();

}  // namespace moesim
