// What forbids choices of sharding and recomputation.
#include <fmt/format.h>

#include <cstdint>
#include <numeric>

#include "sim/plan/plan_checks.hpp"

namespace moesim {
namespace {

using Violations = std::vector<PlanError::Violation>;

void check_shard(const PlanInput& input, std::int64_t pp, Violations& found) {
  const Layout& layout = input.layout;
  if (!layout.shard || pp == 0) return;
  const std::int64_t replicas = input.cluster.num_gpus() / (layout.tp * pp);
  if (replicas % *layout.shard != 0) {
    found.push_back({"/layout/shard", fmt::format("{} does not divide {} replicas", *layout.shard, replicas),
                     fmt::format("shard {}", std::gcd(replicas, std::int64_t{*layout.shard}))});
    return;
  }
  const std::int64_t together = std::int64_t{*layout.shard} * layout.tp;
  const std::int64_t spread = std::int64_t{layout.etp} * layout.ep;
  if (input.model.num_experts > 0 && together % spread != 0 && spread % together != 0) {
    found.push_back(
        {"/layout/shard",
         fmt::format("{} GPUs that shard together and {} that experts are spread over do not divide each "
                     "other",
                     together, spread),
         "leave it out, or choose a multiple of the experts' GPUs"});
  }
}

void check_recompute(const PlanInput& input, Violations& found) {
  const Layout& layout = input.layout;
  const ModelSpec& model = input.model;
  const bool full = layout.recomputes(Recompute::full);
  if (full && layout.recompute.size() > 1) {
    found.push_back({"/layout/recompute", "full recomputes whole layers, the other choices included",
                     "full alone, or the others without it"});
  }
  if (layout.recompute_layers && !full) {
    found.push_back({"/layout/recompute_layers", "a number of layers without recompute \"full\"",
                     "leave it out, or add \"full\""});
  }
  if (layout.recomputes(Recompute::moe) && model.num_experts == 0) {
    found.push_back({"/layout/recompute", "moe, but the model has no experts", "mlp"});
  }
  const bool has_ffn = model.num_experts == 0 || model.num_dense_layers > 0 || model.num_shared_experts > 0;
  if (layout.recomputes(Recompute::mlp) && !has_ffn) {
    found.push_back(
        {"/layout/recompute", "mlp, but the model has neither dense layers nor shared experts", "moe"});
  }
}

}  // namespace

Violations find_choice_violations(const PlanInput& input, std::int64_t pp) {
  Violations found;
  check_shard(input, pp, found);
  check_recompute(input, found);
  return found;
}

}  // namespace moesim
