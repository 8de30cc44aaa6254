#include <algorithm>

#include "models/parameters.hpp"
#include "sim/plan/memory_plan.hpp"

namespace moesim {
namespace {

double real(std::int64_t count) {
  return static_cast<double>(count);
}

StageParameters of_layer(const MemoryInput& input, LayerKind kind) {
  const ParameterCount count = layer_parameters(input.model, kind);
  StageParameters layer;
  layer.linear = real(count.attention + count.dense_ffn + count.shared_experts) / input.layout.tp;
  layer.plain = real(count.gate + count.gate_bias + count.attention_bias + count.norm);
  layer.experts = real(count.routed_experts) / (input.layout.ep * input.layout.etp);
  return layer;
}

/// Embedding or head.
double table_of(const MemoryInput& input) {
  return real(input.model.vocabulary) * real(input.model.hidden) / input.layout.tp;
}

/// The projection of one MTP module, and its share of the tables that all modules of the stage need.
StageParameters of_mtp_projection(const MemoryInput& input, const StageContent& stage,
                                  bool shares_embedding) {
  const double own_tables =
      input.recipe.memory.mtp_shares_embedding ? (shares_embedding ? 0.0 : 1.0 / stage.num_mtp) : 2.0;
  StageParameters projection;
  projection.linear = real(mtp_projection_parameters(input.model)) / input.layout.tp;
  projection.plain = 3 * real(input.model.hidden) + table_of(input) * own_tables;
  return projection;
}

}  // namespace

void StageParameters::add(const StageParameters& other) {
  linear += other.linear;
  plain += other.plain;
  experts += other.experts;
}

std::vector<StageParameters> item_parameters(const MemoryInput& input, const StageContent& stage,
                                             bool shares_embedding) {
  const ModelSpec& model = input.model;
  std::vector<StageParameters> items;
  if (stage.has_embedding) items.push_back({.plain = table_of(input)});
  for (int i = 0; i < stage.num_layers(); ++i) {
    items.push_back(of_layer(input, model.layer_kind(stage.first_layer + i)));
  }
  if (stage.has_head) {
    const bool tied = model.tied_embeddings && shares_embedding;
    items.push_back({.plain = real(model.hidden) + (tied ? 0 : table_of(input))});
  }
  for (int module = 0; module < stage.num_mtp; ++module) {
    items.push_back(of_mtp_projection(input, stage, shares_embedding));
    items.push_back(of_layer(input, LayerKind::moe));
    items.emplace_back();
  }
  return items;
}

StageParameters stage_parameters(const MemoryInput& input, const StageContent& stage, bool shares_embedding) {
  StageParameters sum;
  for (const StageParameters& item : item_parameters(input, stage, shares_embedding)) sum.add(item);
  return sum;
}

std::vector<int> gradient_buckets(const std::vector<StageParameters>& items, int num_buckets) {
  const auto size = [](const StageParameters& item) { return item.experts + item.others(); };
  double total = 0;
  for (const StageParameters& item : items) total += size(item);
  std::vector<int> buckets(items.size());
  if (num_buckets >= static_cast<int>(items.size())) {
    for (std::size_t i = 0; i < items.size(); ++i) buckets[i] = static_cast<int>(items.size() - 1 - i);
    return buckets;
  }
  double before = 0;
  int last = -1;
  int wanted = -1;
  for (std::size_t i = items.size(); i-- > 0;) {
    const double middle = total > 0 ? (before + size(items[i]) / 2) / total : 0;
    const int bucket = std::min(num_buckets - 1, static_cast<int>(middle * num_buckets));
    if (bucket != wanted) ++last;
    wanted = bucket;
    buckets[i] = last;
    before += size(items[i]);
  }
  return buckets;
}

}  // namespace moesim
