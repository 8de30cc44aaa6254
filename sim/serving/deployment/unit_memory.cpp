#include "sim/serving/deployment/unit_memory.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "models/parameters.hpp"

namespace moesim {
namespace {

constexpr double kBf16 = 2;

int kv_layers(const ModelSpec& model, const PoolSpec& pool) {
  return model.num_layers + (pool.speculation.drafts > 0 ? model.mtp_depth : 0);
}

double kv_bytes_of_layer(const ModelSpec& model, const PoolSpec& pool) {
  const bool fp8 = is_fp8(pool.kv_format);
  if (model.uses_mla()) {
    if (!fp8) return static_cast<double>(model.mla.kv_lora_rank + model.mla.qk_rope) * kBf16;
    constexpr double kScaledPerScale = 128;
    const auto latent = static_cast<double>(model.mla.kv_lora_rank);
    return latent + 4 * latent / kScaledPerScale + kBf16 * static_cast<double>(model.mla.qk_rope);
  }
  const int heads = std::max(1, model.num_kv_heads / pool.layout.tp);
  return 2.0 * heads * static_cast<double>(model.head_dim) * (fp8 ? 1 : kBf16);
}

/// Parameters of MTP modules on one GPU, laid out as layers of the model are.
double draft_bytes(const ModelSpec& model, const PoolSpec& pool, double slots_share) {
  if (pool.speculation.drafts == 0) return 0;
  const ParameterCount layer = mtp_layer_parameters(model);
  const auto spread =
      static_cast<double>(layer.attention + layer.shared_experts + mtp_projection_parameters(model)) /
      pool.layout.tp;
  const auto routed = static_cast<double>(layer.routed_experts) * slots_share;
  return model.mtp_depth * stored_bytes(spread + routed, pool.precision);
}

std::vector<MemoryItem> weights_of(const ModelSpec& model, const PoolSpec& pool) {
  const ParameterCount count = parameters(model);
  const UnitLayout& layout = pool.layout;
  // Share of the routed experts' parameters on one GPU.
  const double slots_over_experts =
      model.num_experts == 0 ? 1 : 1 + static_cast<double>(layout.redundant_experts) / model.num_experts;
  const double slots_share = slots_over_experts / layout.gpus;
  const auto linear = [&](std::int64_t parameters) {
    return stored_bytes(static_cast<double>(parameters) / layout.tp, pool.precision);
  };
  const double tied_head = model.tied_embeddings ? 1 : 0;
  const auto vocabulary = static_cast<double>(count.embedding + count.head) / layout.tp;
  const auto everywhere =
      static_cast<double>(count.gate + count.gate_bias + count.norm + count.attention_bias);
  std::vector<MemoryItem> items{
      {"attention", linear(count.attention)},
      {"dense_layers", linear(count.dense_ffn)},
      {"shared_experts", linear(count.shared_experts)},
      {"routed_experts",
       stored_bytes(static_cast<double>(count.routed_experts) * slots_share, pool.precision)},
      {tied_head > 0 ? "embedding" : "embedding_and_head", kBf16 * vocabulary},
      {"gates_and_norms", kBf16 * everywhere},
      {"draft_layers", draft_bytes(model, pool, slots_share)}};
  std::erase_if(items, [](const MemoryItem& item) { return item.bytes == 0; });
  return items;
}

std::string gb(double bytes) {
  return fmt::format("{:.1f} GB", bytes / 1e9);
}

}  // namespace

double stored_bytes(double count, NumberFormat format) {
  switch (format) {
    case NumberFormat::fp8:
      return count * (1 + 4.0 / (128 * 128));
    case NumberFormat::mxfp8:
      return count * (1 + 1.0 / 32);
    case NumberFormat::nvfp4:
      return count * (0.5 + 1.0 / 16);
    default:
      return count * bytes_per_element(format);
  }
}

double kv_bytes_per_token(const ModelSpec& model, const PoolSpec& pool) {
  return kv_layers(model, pool) * kv_bytes_of_layer(model, pool);
}

double UnitMemory::weight_bytes() const {
  double sum = 0;
  for (const MemoryItem& item : weights) sum += item.bytes;
  return sum;
}

UnitMemory unit_memory(const ModelSpec& model, const ClusterSpec& cluster, const PoolSpec& pool,
                       const MemoryShare& share) {
  UnitMemory memory;
  memory.weights = weights_of(model, pool);
  memory.graph_bytes = share.graph_bytes;
  memory.capacity_bytes = cluster.gpu_memory.value();
  memory.workspace_bytes = (1 - share.fraction) * memory.capacity_bytes;
  memory.kv_bytes = share.fraction * memory.capacity_bytes - memory.graph_bytes - memory.weight_bytes();
  memory.kv_bytes_per_token = kv_bytes_per_token(model, pool);
  memory.block_tokens = pool.prefix_cache.block_tokens;
  const double left = std::max(0.0, memory.kv_bytes / memory.kv_bytes_per_token);
  const double tokens = memory.kv_bytes < 0 ? 0
                        : pool.kv_tokens    ? static_cast<double>(*pool.kv_tokens)
                                            : left;
  memory.kv_blocks = static_cast<std::int64_t>(std::floor(tokens / static_cast<double>(memory.block_tokens)));
  memory.kv_tokens = memory.kv_blocks * memory.block_tokens;
  return memory;
}

std::string memory_line(const UnitMemory& memory) {
  std::string parts;
  for (const MemoryItem& item : memory.weights) {
    parts += fmt::format("{}{} {}", parts.empty() ? "" : ", ", item.name, gb(item.bytes));
  }
  return fmt::format("of {} on a GPU: weights {} ({}), graphs {}, workspace {}, left for KV {}",
                     gb(memory.capacity_bytes), gb(memory.weight_bytes()), parts, gb(memory.graph_bytes),
                     gb(memory.workspace_bytes), gb(memory.kv_bytes));
}

}  // namespace moesim
