#include "models/model_spec.hpp"

#include <fmt/format.h>

namespace moesim {
namespace {

using Issue = std::optional<SpecIssue>;
constexpr double kMaxWidth = 1 << 20;
constexpr double kMaxCount = 1 << 16;
constexpr int kMaxLayers = 512;
constexpr double kMaxParameters = 1e17;

Issue layers_issue(const ModelSpec& m) {
  if (m.num_layers > kMaxLayers) {
    return SpecIssue{"/num_layers", fmt::format("{} layers", m.num_layers),
                     fmt::format("give at most {}", kMaxLayers)};
  }
  if (m.num_dense_layers > m.num_layers) {
    return SpecIssue{"/num_dense_layers",
                     fmt::format("{} of {} layers are dense", m.num_dense_layers, m.num_layers),
                     "give at most the number of layers"};
  }
  if (m.num_dense_layers > 0 && m.dense_intermediate == 0) {
    return SpecIssue{"/dense_intermediate", "0, but the model has dense layers",
                     "give their width, e.g. 18432"};
  }
  return {};
}

Issue attention_issue(const ModelSpec& m) {
  if (m.uses_mla()) {
    if (m.qkv_bias || m.qk_norm) {
      return SpecIssue{m.qkv_bias ? "/qkv_bias" : "/qk_norm", "true, but the model has MLA",
                       "give it to models with grouped-query attention"};
    }
    if (m.mla.qk_nope > 0 && m.mla.qk_rope > 0 && m.mla.v_head > 0) return {};
    return SpecIssue{"/mla", "a head width is 0", "give qk_nope, qk_rope and v_head, e.g. 128, 64 and 128"};
  }
  if (m.head_dim == 0 || m.num_kv_heads == 0) {
    return SpecIssue{"/head_dim", "neither MLA nor the heads of grouped-query attention are given",
                     "give mla, or head_dim and num_kv_heads"};
  }
  if (m.num_heads % m.num_kv_heads != 0) {
    return SpecIssue{"/num_kv_heads",
                     fmt::format("{} heads do not divide into {} KV heads", m.num_heads, m.num_kv_heads),
                     "give a divisor of the number of heads"};
  }
  return {};
}

Issue experts_issue(const ModelSpec& m) {
  if (m.num_moe_layers() == 0 && m.mtp_depth > 0) {
    return SpecIssue{"/mtp_depth", "MTP modules of a model without MoE layers are not modelled", "give 0"};
  }
  if (m.shared_gate && m.num_shared_experts == 0) {
    return SpecIssue{"/shared_gate", "true, but the model has no shared experts", "give num_shared_experts"};
  }
  if (m.num_moe_layers() == 0) return {};
  if (m.num_experts == 0 || m.top_k == 0 || m.expert_intermediate == 0) {
    return SpecIssue{"/num_experts", "the model has MoE layers, but no experts, their width or top_k",
                     "give num_experts, top_k and expert_intermediate, e.g. 256, 8 and 2048"};
  }
  if (m.top_k > m.num_experts) {
    return SpecIssue{"/top_k", fmt::format("{} of {} experts", m.top_k, m.num_experts),
                     "a token passes at most all experts"};
  }
  if (m.random_second && m.top_k != 2) {
    return SpecIssue{"/random_second", fmt::format("true, but a token passes {} experts", m.top_k),
                     "give it to models with top_k 2"};
  }
  return {};
}

Issue groups_issue(const ModelSpec& m) {
  if (m.num_experts % m.num_groups != 0) {
    return SpecIssue{"/num_groups",
                     fmt::format("{} experts do not divide into {} groups", m.num_experts, m.num_groups),
                     "give a divisor of the number of experts"};
  }
  if (m.topk_groups > m.num_groups) {
    return SpecIssue{"/topk_groups", fmt::format("{} of {} groups", m.topk_groups, m.num_groups),
                     "a token reaches at most all groups"};
  }
  if (m.top_k > m.topk_groups * (m.num_experts / m.num_groups)) {
    return SpecIssue{"/topk_groups",
                     fmt::format("{} groups hold fewer than {} experts", m.topk_groups, m.top_k),
                     "let a token reach more groups"};
  }
  return {};
}

/// An upper bound in double, so that counts of 64 bits cannot overflow.
Issue size_issue(const ModelSpec& m) {
  const auto hidden = static_cast<double>(m.hidden);
  const double inputs = hidden + static_cast<double>(m.mla.q_lora_rank + m.mla.kv_lora_rank);
  const double ffn = m.num_experts * static_cast<double>(m.expert_intermediate + 1) +
                     static_cast<double>(m.dense_intermediate) +
                     m.num_shared_experts * static_cast<double>(m.expert_intermediate);
  const double heads =
      m.num_heads * static_cast<double>(2 * m.qk_head() + m.mla.qk_nope + 3 * m.v_head()) + inputs;
  const double layers = m.num_layers + m.mtp_depth;
  if (layers * inputs * (3 * ffn + heads + 2 * hidden) + 2 * static_cast<double>(m.vocabulary) * hidden <
      kMaxParameters) {
    return {};
  }
  return SpecIssue{"/num_layers", "the model has more than 1e17 parameters", "give smaller sizes"};
}

}  // namespace

std::optional<SpecIssue> find_issue(const ModelSpec& spec) {
  for (const auto& issue : {layers_issue, attention_issue, experts_issue, groups_issue, size_issue}) {
    if (auto found = issue(spec)) return found;
  }
  return {};
}

const Spec<MlaDims>& spec_of(const MlaDims*) {
  const FieldOptions width = between(0, kMaxWidth) | optional();
  static const Spec<MlaDims> spec =
      Spec<MlaDims>("mla", "Multi-head latent attention; kv_lora_rank 0: none.")
          .field("q_lora_rank", &MlaDims::q_lora_rank, "latent width of queries; 0: one projection", width)
          .field("kv_lora_rank", &MlaDims::kv_lora_rank, "latent width of keys and values", width)
          .field("qk_nope", &MlaDims::qk_nope, "width of a head's query and key without position", width)
          .field("qk_rope", &MlaDims::qk_rope, "width with position, shared by all heads' keys", width)
          .field("v_head", &MlaDims::v_head, "width of a head's value", width);
  return spec;
}

const Spec<ModelSpec>& spec_of(const ModelSpec*) {
  using M = ModelSpec;
  const FieldOptions count = between(1, kMaxCount);
  const FieldOptions maybe = between(0, kMaxCount) | optional();
  const FieldOptions width = between(1, kMaxWidth);
  const FieldOptions maybe_width = between(0, kMaxWidth) | optional();
  static const Spec<M> spec =
      Spec<M>("model", "A decoder with mixture-of-experts or dense layers; widths in elements.")
          .field("name", &M::name, "what results call it", non_empty())
          .field("family", &M::family, "whose rules it follows", choices(family_names()))
          .field("num_layers", &M::num_layers, "without multi-token-prediction modules", count)
          .field("num_dense_layers", &M::num_dense_layers, "the first ones, without experts", maybe)
          .field("hidden", &M::hidden, "width of the residual stream", width)
          .field("num_heads", &M::num_heads, "of attention", count)
          .field("mla", &M::mla, "multi-head latent attention", optional())
          .field("num_kv_heads", &M::num_kv_heads, "of grouped-query attention, without mla", maybe)
          .field("head_dim", &M::head_dim, "of grouped-query attention, without mla", maybe_width)
          .field("qkv_bias", &M::qkv_bias, "biases of the query, key and value projection", optional())
          .field("qk_norm", &M::qk_norm, "RMSNorm over each head's query and key", optional())
          .field("dense_intermediate", &M::dense_intermediate, "width of a dense layer's FFN", maybe_width)
          .field("expert_intermediate", &M::expert_intermediate, "width of one expert", maybe_width)
          .field("num_experts", &M::num_experts, "routed, per MoE layer", maybe)
          .field("num_shared_experts", &M::num_shared_experts, "that every token passes", maybe)
          .field("shared_gate", &M::shared_gate, "the shared experts' output is gated", optional())
          .field("top_k", &M::top_k, "routed experts of a token", maybe)
          .field("num_groups", &M::num_groups, "of experts, for limited routing; 1: none", count | optional())
          .field("topk_groups", &M::topk_groups, "groups that a token may reach", count | optional())
          .field("scoring", &M::scoring, "from logits to affinities", optional())
          .field("group_score", &M::group_score, "what groups are chosen by", optional())
          .field("normalise_top_k", &M::normalise_top_k, "chosen affinities sum to 1", optional())
          .field("gate_bias", &M::gate_bias, "one balancing bias per expert", optional())
          .field("route_scale", &M::route_scale, "factor of the routed experts' sum", above(0) | optional())
          .field("random_second", &M::random_second, "top-2 whose second is drawn with probability 2 g2",
                 optional())
          .field("vocabulary", &M::vocabulary, "rows of the embedding table", between(1, 1 << 26))
          .field("mtp_depth", &M::mtp_depth, "multi-token-prediction modules", between(0, 64) | optional())
          .field("tied_embeddings", &M::tied_embeddings, "the head is the embedding table", optional())
          .field("max_positions", &M::max_positions, "longest sequence; 0: not stated",
                 at_least(0) | optional())
          .check(find_issue);
  return spec;
}

}  // namespace moesim
