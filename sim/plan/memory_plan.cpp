#include "sim/plan/memory_plan.hpp"

#include <algorithm>

#include "models/parameters.hpp"

namespace moesim {
namespace {

constexpr std::array<std::string_view, kNumMemoryItems> kItemNames{"weights",
                                                                   "gathered_weights",
                                                                   "fp8_copies",
                                                                   "gradients",
                                                                   "gradient_buckets",
                                                                   "master_weights",
                                                                   "moments",
                                                                   "ema",
                                                                   "residuals",
                                                                   "norm_outputs",
                                                                   "attention_latents",
                                                                   "attention_projections",
                                                                   "attention_output",
                                                                   "expert_inputs",
                                                                   "swiglu_inputs",
                                                                   "swiglu_outputs",
                                                                   "routing",
                                                                   "recomputed",
                                                                   "deferred_gradients",
                                                                   "logits",
                                                                   "workspace",
                                                                   "dispatch_buffers",
                                                                   "pipeline_buffers"};

/// DeepEP's buffers in normal mode: the size hints of its csrc/config.hpp with the configurations of
/// deep_ep/buffer.py for 64 ranks, taken for every number of ranks.
constexpr double kChannels = 10;       ///< one per two SMs, 20 SMs
constexpr double kNvlinkTokens = 288;  ///< received per channel and GPU of the node
constexpr double kRdmaTokens = 140;    ///< per channel, node and direction: 128, up to whole chunks of 28
constexpr double kMetadata = 128 * (8 + 4 + 4);  ///< room for 128 expert ids, routing weights and scales

/// Bytes of the states that ZeRO shards over `copies` GPUs, per element, added for `count` elements.
void add_states(MemoryItems& items, const MemoryInput& input, double count, double copies, bool fp8_copy) {
  const int zero = input.layout.zero;
  const MemoryRecipe& memory = input.recipe.memory;
  const auto share = [&](int level) { return zero >= level ? count / copies : count; };
  items.of(MemoryItem::weights) += Bytes(2 * share(3));
  if (fp8_copy) items.of(MemoryItem::fp8_copies) += Bytes(input.recipe.weight_copy_bytes() * share(3));
  const bool whole = !reduces_every_microbatch(input.layout, input.sharding) && input.num_microbatches > 1;
  items.of(MemoryItem::gradients) +=
      Bytes(bytes_per_value(input.recipe.gradients()) * (whole ? count : share(2)));
  items.of(MemoryItem::master_weights) += Bytes(4 * share(1));
  items.of(MemoryItem::moments) += Bytes(2 * bytes_per_value(input.recipe.moments()) * share(1));
  if (memory.ema == EmaPlace::gpu) items.of(MemoryItem::ema) += Bytes(4 * share(1));
}

/// Of a part of a stage what has copies that share it: the rest is whole on every GPU.
StageParameters sharded(StageParameters part, const MemoryInput& input, const ProcessGroups& groups) {
  if (num_shards(groups, GroupKind::replicas, input.layout) == 1) part.linear = part.plain = 0;
  if (num_shards(groups, GroupKind::expert_data, input.layout) == 1) part.experts = 0;
  return part;
}

/// What ZeRO 3 has gathered at a time, and the gradients of parts that are reduced one by one.
void add_gathered(MemoryItems& items, const MemoryInput& input, const ProcessGroups& groups,
                  const StageContent& stage, bool shares_embedding) {
  const auto parts = item_parameters(input, stage, shares_embedding);
  double all = 0, widest = 0, widest_gradients = 0;
  for (const StageParameters& whole : parts) {
    const StageParameters part = sharded(whole, input, groups);
    const double count = part.experts + part.others();
    const double copies = input.recipe.weight_copy_bytes() * (part.linear + part.experts);
    all += 2 * count + copies;
    widest = std::max(widest, 2 * count + copies);
    widest_gradients = std::max(widest_gradients, bytes_per_value(input.recipe.gradients()) * count);
  }
  if (input.layout.zero == 3) {
    const bool reshards = reshards_weights(input.layout, input.sharding);
    Bytes& gathered = items.of(MemoryItem::gathered_weights);
    const double ahead =
        1 + std::min<double>(input.sharding.prefetch_layers, static_cast<double>(parts.size()) - 1);
    gathered = reshards ? std::max(gathered, Bytes(ahead * widest)) : gathered + Bytes(all);
  }
  if (input.layout.zero >= 2 &&
      (reduces_every_microbatch(input.layout, input.sharding) || input.num_microbatches == 1)) {
    Bytes& buckets = items.of(MemoryItem::gradient_buckets);
    buckets = std::max(buckets, Bytes(2 * widest_gradients));
  }
}

/// Values of the largest weight of a stage: gate and up projection, of all experts of a GPU at once.
double largest_weight(const MemoryInput& input, const StageContent& stage) {
  const ModelSpec& model = input.model;
  const Layout& layout = input.layout;
  const double dense = static_cast<double>(model.dense_intermediate) / layout.tp;
  const double experts =
      static_cast<double>(model.num_experts * model.expert_intermediate) / (layout.ep * layout.etp);
  const double widest =
      std::max(stage.num_dense > 0 ? dense : 0.0, stage.num_moe + stage.num_mtp > 0 ? experts : 0.0);
  return 2 * widest * static_cast<double>(model.hidden);
}

/// In BF16 rows and their metadata; both passes of a pair use the same buffers.
Bytes dispatch_buffers(const MemoryInput& input, const ProcessGroups& groups) {
  if (input.layout.ep == 1) return {};
  const GroupSpan span = groups.span(GroupKind::expert, input.cluster.gpus_per_node);
  const double rdma = span.num_nodes > 1 ? span.num_nodes * 2 * kRdmaTokens : 0;
  const double rows = kChannels * (span.members_per_node * kNvlinkTokens + rdma);
  return Bytes(rows * (2 * static_cast<double>(input.model.hidden) + kMetadata));
}

/// Buffers of a rank that are there once, whatever is in flight.
MemoryItems buffers(const MemoryInput& input, bool has_head) {
  const ModelSpec& model = input.model;
  const Layout& layout = input.layout;
  const double tokens =
      static_cast<double>(input.recipe.sequence_length) * layout.micro_batch / (layout.cp * layout.tp);
  const auto hidden = static_cast<double>(model.hidden);
  MemoryItems items;
  if (has_head) {
    items.of(MemoryItem::logits) = Bytes(4 * tokens * static_cast<double>(model.vocabulary));
  }
  if (model.num_experts > 0) {
    const double rows = tokens * layout.etp * model.top_k * input.recipe.padded_rows() *
                        input.recipe.memory.expert_rows_over_mean;
    const double width = static_cast<double>(model.expert_intermediate) / layout.etp;
    items.of(MemoryItem::workspace) =
        Bytes((runs_pairs(layout.schedule) ? 2 : 1) * rows * 2 * (hidden + 3 * width));
  }
  if (layout.pp > 1) items.of(MemoryItem::pipeline_buffers) = Bytes(4 * tokens * 2 * hidden);
  return items;
}

/// One pipeline rank's stages with what they cost.
class RankPlan {
 public:
  RankPlan(const MemoryInput& input, const ScheduleShape& shape, int rank)
      : input_(input), kind_(shape.kind) {
    for (int chunk = 0; chunk < num_chunks(shape); ++chunk) {
      stages_.push_back(&input.stages[static_cast<std::size_t>(stage_of(shape, rank, chunk))]);
    }
  }

  [[nodiscard]] bool holds_embedding() const {
    return std::any_of(stages_.begin(), stages_.end(),
                       [](const auto* stage) { return stage->has_embedding; });
  }

  /// Parameters, their states and buffers.
  [[nodiscard]] MemoryItems fixed(const ProcessGroups& groups) const {
    MemoryItems items;
    bool has_head = false;
    double transposed = 0;
    for (const StageContent* stage : stages_) {
      const auto count = stage_parameters(input_, *stage, holds_embedding());
      const int copies = num_shards(groups, GroupKind::replicas, input_.layout);
      add_states(items, input_, count.linear, copies, true);
      add_states(items, input_, count.plain, copies, false);
      add_states(items, input_, count.experts, num_shards(groups, GroupKind::expert_data, input_.layout),
                 true);
      add_gathered(items, input_, groups, *stage, holds_embedding());
      has_head = has_head || stage->has_head;
      transposed = std::max(transposed, largest_weight(input_, *stage));
    }
    items.add(buffers(input_, has_head));
    if (input_.recipe.precision == TrainingPrecision::fp8) {
      items.of(MemoryItem::workspace) += Bytes(input_.recipe.weight_copy_bytes() * transposed);
    }
    return items;
  }

  /// FP32 average of the shards on the host.
  [[nodiscard]] Bytes host_ema(const MemoryItems& fixed) const {
    return input_.recipe.memory.ema == EmaPlace::cpu ? fixed.of(MemoryItem::master_weights) : Bytes{};
  }

 private:
  const MemoryInput& input_;
  ScheduleKind kind_;
  std::vector<const StageContent*> stages_;
};

}  // namespace

std::string_view to_string(MemoryItem item) {
  return kItemNames[static_cast<std::size_t>(item)];
}

Bytes MemoryItems::total() const {
  Bytes sum;
  for (Bytes item : bytes) sum += item;
  return sum;
}

void MemoryItems::add(const MemoryItems& other, double times) {
  for (std::size_t i = 0; i < kNumMemoryItems; ++i) bytes[i] += other.bytes[i] * times;
}

int MemoryPlan::peak_rank() const {
  const auto less = [](const MemoryItems& a, const MemoryItems& b) { return a.total() < b.total(); };
  return static_cast<int>(std::max_element(ranks.begin(), ranks.end(), less) - ranks.begin());
}

Bytes MemoryPlan::peak() const {
  return ranks.empty() ? Bytes{} : ranks[static_cast<std::size_t>(peak_rank())].total();
}

int num_copies(const ProcessGroups& groups, GroupKind kind, ScheduleKind schedule) {
  return groups.size(kind) * num_copies(schedule);
}

MemoryPlan plan_memory(const MemoryInput& input, Bytes capacity, Bytes reserve) {
  const ProcessGroups groups(input.layout, input.cluster.num_gpus());
  const ScheduleShape shape = input.layout.pipeline(input.num_microbatches);
  MemoryPlan plan;
  plan.capacity = capacity;
  plan.reserve = reserve;
  const Bytes dispatch = dispatch_buffers(input, groups);
  for (int rank = 0; rank < input.layout.pp; ++rank) {
    const RankPlan parts(input, shape, rank);
    int in_flight = 0;
    MemoryItems items = parts.fixed(groups);
    items.of(MemoryItem::dispatch_buffers) = dispatch;
    plan.host_ema.push_back(parts.host_ema(items));
    items.add(peak_activations(input, shape, rank, in_flight));
    plan.ranks.push_back(items);
    plan.peak_microbatches.push_back(in_flight);
  }
  return plan;
}

}  // namespace moesim
