#include <fmt/format.h>

#include <functional>
#include <optional>

#include "sim/plan/plan_checks.hpp"

namespace moesim {
namespace {

/// A change that lowers memory: what it is called and what it does; nothing where it does not apply.
struct Change {
  std::string text;
  std::optional<PlanInput> after;
};

using Maker = std::function<Change(const PlanInput&)>;

Change recompute(const PlanInput& before, Recompute what) {
  if (before.layout.recomputes(what)) return {};
  if (what == Recompute::mla_up_projection && !before.model.uses_mla()) return {};
  PlanInput after = before;
  after.layout.recompute.push_back(what);
  after.layer_times.reset();  // of another layout
  return {fmt::format("recompute {}", enum_name(what)), after};
}

Change low_precision_caches(const PlanInput& before) {
  if (before.recipe.precision != TrainingPrecision::fp8) return {};
  const MemoryRecipe& memory = before.recipe.memory;
  if (!memory.expert_inputs && !memory.swiglu_inputs && !memory.attention_output) return {};
  PlanInput after = before;
  after.recipe.memory.expert_inputs.reset();
  after.recipe.memory.swiglu_inputs.reset();
  after.recipe.memory.attention_output.reset();
  return {"FP8 and E5M6 caches", after};
}

Change bf16_moments(const PlanInput& before) {
  if (before.recipe.moments() == StorageFormat::bf16) return {};
  PlanInput after = before;
  after.recipe.memory.moments = StorageFormat::bf16;
  return {"moments bf16", after};
}

Change ema_on_cpu(const PlanInput& before) {
  if (before.recipe.memory.ema != EmaPlace::gpu) return {};
  PlanInput after = before;
  after.recipe.memory.ema = EmaPlace::cpu;
  return {"ema cpu", after};
}

Change more_zero(const PlanInput& before) {
  if (before.layout.zero >= 2) return {};
  PlanInput after = before;
  after.layout.zero = before.layout.zero + 1;
  return {fmt::format("zero {}", after.layout.zero), after};
}

Change smaller_micro_batch(const PlanInput& before) {
  if (before.layout.micro_batch % 2 != 0) return {};
  PlanInput after = before;
  after.layout.micro_batch /= 2;
  return {fmt::format("micro_batch {}", after.layout.micro_batch), after};
}

Change plain_schedule(const PlanInput& before) {
  if (before.layout.schedule == ScheduleKind::one_f_one_b) return {};
  PlanInput after = before;
  after.layout.schedule = ScheduleKind::one_f_one_b;
  after.layout.vpp = 1;
  const bool other_stages = num_stages(before.layout.pipeline()) != before.layout.pp;
  if (other_stages) after.layout.stage_layers.clear();
  return {before.layout.vpp > 1 ? "schedule 1f1b and vpp 1" : "schedule 1f1b", after};
}

Change wider(const PlanInput& before, int Layout::*axis, const char* name) {
  PlanInput after = before;
  after.layout.*axis *= 2;
  after.layout.stage_layers.clear();
  return {fmt::format("{} {}", name, after.layout.*axis), after};
}

/// Cheapest first.
const std::vector<Maker>& makers() {
  static const std::vector<Maker> all{
      ema_on_cpu,
      bf16_moments,
      low_precision_caches,
      [](const PlanInput& before) { return recompute(before, Recompute::rms_norm); },
      [](const PlanInput& before) { return recompute(before, Recompute::mla_up_projection); },
      more_zero,
      smaller_micro_batch,
      [](const PlanInput& before) { return wider(before, &Layout::ep, "ep"); },
      [](const PlanInput& before) { return wider(before, &Layout::pp, "pp"); },
      plain_schedule,
      [](const PlanInput& before) { return wider(before, &Layout::cp, "cp"); },
      [](const PlanInput& before) { return wider(before, &Layout::tp, "tp"); },
  };
  return all;
}

bool is_valid(const Change& change) {
  if (!change.after) return false;
  const auto& is_modelled = change.after->is_modelled;
  return (!is_modelled || is_modelled(change.after->layout)) && find_layout_violations(*change.after).empty();
}

}  // namespace

std::string nearest_fit(const PlanInput& input) {
  for (const Maker& make : makers()) {
    const Change change = make(input);
    if (is_valid(change) && memory_of(*change.after).fits()) return change.text;
  }
  PlanInput current = input;
  Bytes peak = memory_of(input).peak();
  std::string text;
  for (const Maker& make : makers()) {
    const Change change = make(current);
    if (!is_valid(change)) continue;
    const MemoryPlan memory = memory_of(*change.after);
    if (memory.peak() >= peak) continue;
    peak = memory.peak();
    current = *change.after;
    text += fmt::format("{}{}", text.empty() ? "" : ", ", change.text);
    if (memory.fits()) return text;
  }
  return {};
}

}  // namespace moesim
