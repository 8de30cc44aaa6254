#include "sim/training/recorded_loads.hpp"

#include <fmt/format.h>

#include "sim/routing/recorded_router.hpp"

namespace moesim {
namespace {

[[noreturn]] void refuse(const char* key, const std::string& what, const std::string& hint) {
  throw PlanError({{fmt::format("/routing/recorded/{}", key), what, hint}});
}

/// A recording has the MoE layers of the model, with those of multi-token-prediction modules or without.
void check_layers(const ModelSpec& model, int num_layers, const char* key) {
  const int without = model.num_moe_layers(), with = without + model.mtp_depth;
  if (num_layers == without || num_layers == with) return;
  refuse(key, fmt::format("has {} layers, {} has {} with experts", num_layers, model.name, without),
         "record every MoE layer of the model");
}

LayerLoads loads_of_counts(const TrainingInputs& inputs, const RecordedSource& recorded) {
  const ModelSpec& model = inputs.model();
  ExpertCounts counts = read_expert_counts(*recorded.counts);
  if (counts.num_experts != model.num_experts) {
    refuse("counts",
           fmt::format("has {} experts, {} has {}", counts.num_experts, model.name, model.num_experts),
           "give the model that was recorded");
  }
  check_layers(model, static_cast<int>(counts.num_layers()), "counts");
  if (counts.layers.front() != model.num_dense_layers) {
    refuse("counts",
           fmt::format("begins with layer {}, the first with experts of {} is {}", counts.layers.front(),
                       model.name, model.num_dense_layers),
           "number layers as the model does, from 0");
  }
  return make_recorded_counts_router(std::move(counts))->route_layers(inputs.group);
}

LayerLoads loads_of_ids(const TrainingInputs& inputs, const RoutingChoice& routing) {
  const RecordedSource& recorded = *routing.recorded;
  const ModelSpec& model = inputs.model();
  const bool raw = !recorded.ids->ends_with(".npy");
  RecordedIds ids{*recorded.ids, {}, tokens_per_expert_rank(inputs)};
  ids.most_micro_batches = routing.micro_batches.value_or(static_cast<int>(ids.most_micro_batches));
  ids.shape.num_experts = model.num_experts;
  ids.shape.num_layers = recorded.layers.value_or(raw ? model.num_moe_layers() : 0);
  if (raw) ids.shape.top_k = model.top_k;
  const ExpertIdsReader reader(ids.file, ids.shape);
  if (reader.top_k() != model.top_k) {
    refuse("ids",
           fmt::format("has {} experts for each token, {} has {}", reader.top_k(), model.name, model.top_k),
           "give the model that was recorded");
  }
  check_layers(model, reader.num_layers(), "ids");
  const std::int64_t wanted = inputs.group.num_ranks * ids.tokens_per_rank;
  if (reader.num_tokens() < wanted) {
    refuse("ids",
           fmt::format("has {} tokens, a micro-batch of an expert group {}", reader.num_tokens(), wanted),
           "record more tokens, or use a smaller ep, micro_batch or sequence_length");
  }
  return make_recorded_ids_router(ids)->route_layers(inputs.group);
}

}  // namespace

std::int64_t tokens_per_expert_rank(const TrainingInputs& inputs) {
  return std::max<std::int64_t>(1, static_cast<std::int64_t>(inputs.local_tokens()) * inputs.layout().etp);
}

LayerLoads recorded_loads(const TrainingInputs& inputs, const RoutingChoice& routing) {
  if (routing.recorded->counts) return loads_of_counts(inputs, *routing.recorded);
  return loads_of_ids(inputs, routing);
}

std::vector<std::string> recorded_warnings(const RoutingChoice& routing) {
  if (routing.recorded->ids)
    return {"routing is recorded: contiguous placement, consecutive tokens on one rank"};
  return {
      "routing is recorded as counts, each step as one micro-batch of an expert group: counts of more tokens "
      "are evener",
      "counts do not tell the nodes that a token reaches: those of a gate without preferences are kept"};
}

}  // namespace moesim
