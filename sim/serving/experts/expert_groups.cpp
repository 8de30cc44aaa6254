#include "sim/serving/experts/expert_groups.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.hpp"

namespace moesim {
namespace {

void check_layout(const UnitLayout& layout, int gpus_per_node) {
  if (layout.gpus < 1 || layout.ep < 1 || layout.gpus % layout.ep != 0) {
    throw SpecError("", "/ep", fmt::format("{} GPUs do not share {} expert groups", layout.gpus, layout.ep),
                    "give a divisor of gpus");
  }
  if (layout.gpus > gpus_per_node && layout.gpus % gpus_per_node != 0) {
    throw SpecError("", "/gpus",
                    fmt::format("{} GPUs are no whole number of nodes of {}", layout.gpus, gpus_per_node),
                    "give a multiple of the GPUs of a node");
  }
}

}  // namespace

ExpertGroups expert_groups(const ModelSpec& model, const UnitLayout& layout, int gpus_per_node) {
  check_layout(layout, gpus_per_node);
  ExpertGroups groups;
  groups.num_experts = model.num_experts;
  groups.top_k = model.top_k;
  groups.num_groups = layout.ep;
  groups.gpus_per_group = layout.expert_tp();
  groups.num_slots = model.num_experts + layout.redundant_experts;
  if (layout.redundant_experts < 0 || groups.num_slots % layout.ep != 0) {
    throw SpecError("", "/redundant_experts",
                    fmt::format("{} experts and {} redundant ones do not fill {} groups evenly",
                                model.num_experts, layout.redundant_experts, layout.ep),
                    "give redundant experts that make the sum a multiple of ep");
  }
  const int per_node = std::clamp(gpus_per_node / groups.gpus_per_group, 1, layout.ep);
  if (layout.ep % per_node != 0) {
    throw SpecError("", "/ep", fmt::format("{} expert groups do not fill nodes of {}", layout.ep, per_node),
                    "give a multiple of the groups of a node");
  }
  groups.groups_per_node = per_node;
  return groups;
}

}  // namespace moesim
