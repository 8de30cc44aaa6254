#include "sim/exchange/torchtitan_keys.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace moesim {
namespace {

using Reason = std::pair<std::string_view, std::string_view>;
constexpr auto kNotModelled = std::to_array<Reason>({
    {"training.enable_cpu_offload", "parameters and optimizer states in host memory"},
    {"training.deterministic", "slower deterministic kernels"},
    {"parallelism.enable_async_tensor_parallel", "overlap of tensor parallelism belongs to the stack"},
    {"parallelism.disable_loss_parallel", "the loss is taken as parallel over the vocabulary"},
    {"parallelism.enable_compiled_autograd", "compilation belongs to the stack"},
    {"parallelism.pipeline_parallel_schedule_csv", "a schedule of one's own"},
    {"parallelism.context_parallel_load_balancer", "attention of a context-parallel group is even"},
    {"parallelism.expert_parallel_comm_backend", "the all-to-all belongs to the stack"},
    {"parallelism.pipeline_parallel_expert_parallel_overlap", "the schedule decides what overlaps"},
    {"optimizer.early_step_in_backward", "the optimizer runs after the backward pass"},
    {"optimizer.implementation", "the optimizer belongs to the stack"},
    {"activation_checkpoint.early_stop", "recomputing a part of what was chosen"},
    {"activation_checkpoint.per_op_sac_force_recompute_mm_shapes_by_fqns", "single linears computed again"},
    {"fault_tolerance.enable", "replica groups that come and go"},
    {"validation.enabled", "validation between steps"},
    {"validation.enable", "validation between steps"},
    {"compile.components", "compilation belongs to the stack"},
    {"debug.deterministic", "slower deterministic kernels"},
    {"debug.moe_force_load_balance", "the load is balanced already; see /routing"},
    {"training.debug_moe_force_load_balance", "the load is balanced already; see /routing"},
    {"comm.mode", "communication that is left out"},
    {"memory_estimation.enabled", "an estimate instead of a run"},
});

constexpr auto kNotModelledBeginnings = std::to_array<Reason>({
    {"float8.", "how FP8 is scaled, and where it is left out; precision fp8 is blockwise"},
    {"quantize.linear.float8.", "how FP8 is scaled, and where it is left out; precision fp8 is blockwise"},
    {"quantize.grouped_mm.float8.", "which experts are in FP8; precision holds for all of them"},
    {"mx.", "where MXFP8 is left out"},
    {"quantize.linear.mx.", "where MXFP8 is left out"},
    {"quantize.grouped_mm.mx.", "which experts are in MXFP8; precision holds for all of them"},
});

constexpr auto kIgnored = std::to_array<std::string_view>(
    {"model.tokenizer_path", "model.hf_assets_path", "model.print_after_conversion", "model.norm_type",
     "training.dataset", "training.dataset_path", "training.max_norm", "training.steps", "training.gc_freq",
     "training.gc_debug", "training.seed", "training.warmup_steps", "training.data_parallel_type",
     "compile.backend", "activation_checkpoint.visualize_memory_budget_pareto",
     "activation_checkpoint.preserve_rng_state", "activation_checkpoint.determinism_check",
     "activation_checkpoint.debug"});

constexpr auto kIgnoredBeginnings = std::to_array<std::string_view>(
    {"job.", "profiling.", "metrics.", "optimizer.", "lr_scheduler.", "checkpoint.", "comm.", "experimental.",
     "validation.", "fault_tolerance.", "memory_estimation.", "debug."});

}  // namespace

std::string_view torchtitan_not_modelled(std::string_view name) {
  const auto found = std::ranges::find(kNotModelled, name, &Reason::first);
  if (found != kNotModelled.end()) return found->second;
  for (const auto& [beginning, why] : kNotModelledBeginnings) {
    if (name.starts_with(beginning)) return why;
  }
  return "";
}

std::vector<std::string_view> torchtitan_keys() {
  std::vector<std::string_view> names(kIgnored.begin(), kIgnored.end());
  for (const Reason& reason : kNotModelled) names.push_back(reason.first);
  return names;
}

bool torchtitan_ignored(std::string_view name) {
  return std::ranges::find(kIgnored, name) != kIgnored.end() ||
         std::ranges::any_of(kIgnoredBeginnings,
                             [&](std::string_view text) { return name.starts_with(text); });
}

}  // namespace moesim
