#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/quantity.hpp"
#include "models/model_spec.hpp"
#include "models/number_format.hpp"

namespace moesim {

enum class OperatorKind : std::uint8_t {
  gemm,          ///< m x n x k
  grouped_gemm,  ///< `groups` products that share n and k; m counts the rows of all (k for weight gradients)
  attention_core,  ///< scores, softmax and values
  small            ///< bound by HBM traffic: norms, casts, transposes, copies, routing
};

/// The part of a layer an operator runs in; a phase of the schedule is one component of one pass.
enum class Component : std::uint8_t {
  attention,      ///< up to and with the gate and the cast for dispatch
  mlp,            ///< dense feed-forward part, or shared and routed experts
  communication,  ///< small kernels on the communication stream, beside dispatch and combine
  embedding,
  head,
  mtp_projection
};

/// What is computed of a layer. Training: forward, then input_gradient and weight_gradient; serving: prefill,
/// decode.
enum class Pass : std::uint8_t { forward, input_gradient, weight_gradient, prefill, decode };

/// Which product of a linear layer a GEMM is, or which direction of the attention core. A recomputed forward
/// operator within a backward pass has the role forward.
enum class OperatorRole : std::uint8_t { forward, input_gradient, weight_gradient };

/// One kind of kernel of a layer. Sizes are those of one GPU and one micro-batch.
struct Operator {
  std::string name;  ///< "q_up", "q_up_dgrad", "rms_norm.mlp": what it does, then after a dot where
  OperatorKind kind = OperatorKind::small;
  OperatorRole role = OperatorRole::forward;
  Component component = Component::attention;
  NumberFormat format = NumberFormat::bf16;  ///< of the operands
  bool recomputed = false;                   ///< a forward operator repeated in a backward pass
  int count = 1;                             ///< launches alike; every other member is of one of them

  std::int64_t m = 0;  ///< rows: tokens forward and for input gradients, output width for weight gradients
  std::int64_t n = 0;  ///< output columns
  std::int64_t k = 0;  ///< reduced dimension; tokens for weight gradients
  std::int64_t groups = 1;

  std::int64_t heads = 0;  ///< attention core only, down to `causal`
  std::int64_t kv_heads = 0;
  std::int64_t qk_dim = 0;
  std::int64_t v_dim = 0;
  double sequences = 0;           ///< may be a part of one under context parallelism
  std::int64_t query_tokens = 0;  ///< of one sequence
  std::int64_t kv_tokens = 0;     ///< of one sequence, all of them
  bool causal = false;

  double flops = 0;  ///< executed; 0 for small kernels
  /// The part that flops.hpp counts: nothing recomputed, attention backward 2 x forward. In prefill behind
  /// cached tokens all that is executed: their latents expanded again, or the absorbed form.
  double model_flops = 0;
  double bytes_read = 0;  ///< from HBM, every operand once
  double bytes_written = 0;

  [[nodiscard]] double bytes() const { return bytes_read + bytes_written; }
};

/// The name up to the first dot: the class of kernel, as tables and stacks know it.
std::string_view operator_class(std::string_view name);

/// The class of every operator that the functions below give for any model and pass, sorted.
const std::vector<std::string>& operator_classes();

/// What backward passes compute again instead of keeping it.
struct RecomputeChoices {
  bool rms_norm = false;
  bool mla_up_projection = false;  ///< q_up and kv_up with the assembly of queries and keys
  bool swiglu = false;             ///< the output from the kept input; always so in FP8
  bool core_attention = false;     ///< the attention core from queries, keys and values
  bool mlp = false;                ///< a dense feed-forward part and shared experts from their inputs
  bool moe = false;                ///< routed experts; the pass itself is recomputed_expert_operators
  bool full_layer = false;         ///< the whole forward pass
};

/// Sizes of one GPU's share of a micro-batch. Attention and dense parts are split over `tp` GPUs by heads and
/// columns, experts over `etp`; what lies between them is split over the tp GPUs by tokens (sequence
/// parallelism).
struct OperatorContext {
  NumberFormat format = NumberFormat::fp8;  ///< fp8, mxfp8: every linear but gate, embedding, head
  double tokens = 4096;                     ///< of the tp group: sequences x query tokens
  std::int64_t query_tokens = 4096;  ///< of one sequence in this pass; 1 for decode (more with speculation)
  std::int64_t past_tokens = 0;      ///< cached tokens of one sequence before these (prefill, decode)
  bool causal = true;
  int latent_parts = 1;      ///< parts of a sequence whose KV latents this GPU projects up, its own included
  double expert_tokens = 0;  ///< rows over all local experts, e.g. tokens x top_k under balance
  double received_tokens = 0;  ///< tokens received from dispatch, each once per GPU; 0: expert_tokens
  int local_experts = 1;
  int tp = 1;
  int etp = 1;
  bool sequence_parallel = true;  ///< false: each of the tp GPUs has all tokens between the split parts
  NumberFormat gradient_format =
      NumberFormat::fp32;  ///< main gradients, read and written by every micro-batch
  RecomputeChoices recompute;

  /// Tokens of one GPU between the parts that tp splits.
  [[nodiscard]] double residual_tokens() const { return tokens / (sequence_parallel ? tp : 1); }
  [[nodiscard]] double sequences() const { return tokens / static_cast<double>(query_tokens); }
};

/// The operators of one layer in the order of their launch. Shapes follow the published models; which small
/// kernels there are follows DeepSeek-V3's published training profile (kernel names and grid sizes, no
/// times). Bytes are derived from shapes and formats: each operand once, FP8 with 4 B of scale per 128
/// elements. MoE layers hold everything but the transfers of dispatch and combine.
std::vector<Operator> layer_operators(const ModelSpec& spec, LayerKind kind, Pass pass,
                                      const OperatorContext& context);

/// The forward pass of routed experts again, between a repeated dispatch and combine.
std::vector<Operator> recomputed_expert_operators(const ModelSpec& spec, const OperatorContext& context);

/// Embedding lookup; its weight gradient is a scatter-add.
std::vector<Operator> embedding_operators(const ModelSpec& spec, Pass pass, const OperatorContext& context);

/// Final norm, output projection (BF16) and, in training, the cross-entropy. In prefill only the last token
/// of each sequence passes.
std::vector<Operator> head_operators(const ModelSpec& spec, Pass pass, const OperatorContext& context);

/// What an MTP module has before its MoE layer: two norms, their concatenation and the 2 hidden -> hidden
/// projection.
std::vector<Operator> mtp_projection_operators(const ModelSpec& spec, Pass pass,
                                               const OperatorContext& context);

struct OperatorSum {
  Flops flops;
  Flops model_flops;
  Bytes bytes;
  int launches = 0;
};
/// The sum over all launches.
OperatorSum sum_of(const std::vector<Operator>& operators);

}  // namespace moesim
