#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/model_spec.hpp"
#include "models/number_format.hpp"
#include "sim/cluster/cluster_spec.hpp"
#include "sim/serving/deployment/pool_spec.hpp"

namespace moesim {

/// What a stack takes of a GPU's memory.
struct MemoryShare {
  double fraction = 0.88;      ///< of the memory, for weights, graphs and KV cache; the rest is workspace
  double graph_bytes = 3.0e9;  ///< CUDA graphs and their buffers
};

/// One item of a GPU's memory.
struct MemoryItem {
  std::string name;
  double bytes = 0;
};

/// The memory of one GPU of a unit; all of them hold the same.
struct UnitMemory {
  std::vector<MemoryItem> weights;  ///< by part of the model
  double graph_bytes = 0;
  double workspace_bytes = 0;  ///< what the stack leaves free of the above
  double capacity_bytes = 0;   ///< what the driver shows
  double kv_bytes = 0;         ///< left for the KV cache; negative: weights do not fit
  double kv_bytes_per_token = 0;
  std::int64_t block_tokens = 64;
  std::int64_t kv_tokens = 0;  ///< of one attention rank, whole blocks
  std::int64_t kv_blocks = 0;
  [[nodiscard]] double weight_bytes() const;
  /// Weights fit and at least one block is left.
  [[nodiscard]] bool fits() const { return kv_blocks > 0; }
};

/// Bytes of `count` parameters of linear layers with their scales.
double stored_bytes(double count, NumberFormat format);

/// KV cache of one token on one GPU of an attention rank, over all layers. Latents are the same on all GPUs
/// of the rank; heads of grouped-query attention are split over them down to one. FP8 latents take 656 B a
/// layer (FlashMLA readme: 512 B latent, 16 B scales, 128 B BF16 rope part). With drafts the layers of
/// multi-token prediction count.
double kv_bytes_per_token(const ModelSpec& model, const PoolSpec& pool);

/// Weights over tp (attention, dense layers, shared experts, embedding, head) and over ep and its columns
/// (routed experts with redundant slots); gates and norms are on every GPU. Linear layers are in the pool's
/// precision, embedding, head, gates and norms BF16. `pool.kv_tokens` replaces what memory leaves.
UnitMemory unit_memory(const ModelSpec& model, const ClusterSpec& cluster, const PoolSpec& pool,
                       const MemoryShare& share);

/// The memory as one line: "weights 84.1 GB (attention 11.5, ...), graphs 3.0 GB, ... of 150.1 GB".
std::string memory_line(const UnitMemory& memory);

}  // namespace moesim
