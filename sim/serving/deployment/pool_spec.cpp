#include "sim/serving/deployment/pool_spec.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace moesim {
namespace {

constexpr double kMost = 1 << 30;

std::optional<SpecIssue> find_scaling_issue(const ScalingSpec& scaling) {
  if (scaling.min_units > scaling.max_units)
    return SpecIssue{"/min_units", "above max_units", "swap the two"};
  const bool is_schedule = scaling.policy == ScalingPolicy::schedule;
  if (is_schedule && scaling.schedule.empty())
    return SpecIssue{"/schedule", "empty", "name the units from a time of day on"};
  const auto by_time = [](const ScheduledUnits& a, const ScheduledUnits& b) { return a.from < b.from; };
  if (!std::ranges::is_sorted(scaling.schedule, by_time))
    return SpecIssue{"/schedule", "not in order of time", "sort it by \"from\""};
  const bool has_target = scaling.tokens_per_s_per_user || scaling.ttft || scaling.utilisation;
  if (scaling.policy == ScalingPolicy::target && !has_target) {
    return SpecIssue{"/policy", "no target is named",
                     "give tokens_per_s_per_user, ttft or utilisation, or the policy \"fixed\""};
  }
  return std::nullopt;
}

std::optional<SpecIssue> find_speculation_issue(const SpeculationSpec& speculation) {
  const auto given = speculation.acceptance.size();
  const auto wanted = static_cast<std::size_t>(speculation.drafts);
  if (speculation.drafts > 0 && given != 1 && given != wanted) {
    return SpecIssue{"/acceptance", fmt::format("{} values for {} drafts", given, wanted),
                     "give one value, or one for each draft"};
  }
  return std::nullopt;
}

std::optional<SpecIssue> find_pool_issue(const PoolSpec& pool) {
  if (pool.role == PoolRole::prefill && pool.speculation.drafts > 0)
    return SpecIssue{"/speculation/drafts", "a prefill pool generates nothing", "leave it out"};
  if (pool.scaling.policy == ScalingPolicy::fixed) return std::nullopt;
  if (pool.units < pool.scaling.min_units || pool.units > pool.scaling.max_units) {
    return SpecIssue{"/units",
                     fmt::format("{} units at the start, outside {} to {} of its scaling", pool.units,
                                 pool.scaling.min_units, pool.scaling.max_units),
                     "start within them"};
  }
  return std::nullopt;
}

}  // namespace

const Spec<BatchingSpec>& spec_of(const BatchingSpec*) {
  using S = BatchingSpec;
  static const Spec<S> spec =
      Spec<S>("batching", "How iterations are filled. Counts are of one attention rank.")
          .field("max_batch", &S::max_batch, "sequences that decode", between(1, kMost) | optional())
          .field("token_budget", &S::token_budget,
                 "new tokens of an iteration: decoding ones and prompt chunks",
                 between(1, kMost) | optional())
          .field("chunked_prefill", &S::chunked_prefill,
                 "prompts are cut to the budget; else each is computed whole", optional())
          .field("prefill_first", &S::prefill_first,
                 "waiting prompts go before decoding, which pauses; else both share", optional())
          .field("preemption", &S::preemption, "what becomes of a request when KV blocks run out", optional())
          .field("rank_choice", &S::rank_choice, "which attention rank takes a request", optional());
  return spec;
}

const Spec<PrefixCacheSpec>& spec_of(const PrefixCacheSpec*) {
  using S = PrefixCacheSpec;
  static const Spec<S> spec =
      Spec<S>("prefix_cache", "Where KV caches of prompts are kept for later requests.")
          .field("gpu", &S::gpu, "in free KV blocks of the unit", optional())
          .field("host", &S::host, "of one node's memory; 0: none", optional() | example("1 TB"))
          .field("disk", &S::disk, "shared by the fleet; 0: none", optional() | example("100 TB"))
          .field("block_tokens", &S::block_tokens, "tokens of one block", between(1, kMost) | optional())
          .field("pcie", &S::pcie, "host to GPU, of one GPU; 0: 50 GB/s (assumed)",
                 optional() | example("50 GB/s"))
          .field("storage_nic", &S::storage_nic, "of one node; 0: 50 GB/s (assumed)",
                 optional() | example("50 GB/s"));
  return spec;
}

const Spec<SpeculationSpec>& spec_of(const SpeculationSpec*) {
  using S = SpeculationSpec;
  static const Spec<S> spec =
      Spec<S>("speculation", "A chain of drafts from multi-token-prediction modules.")
          .field("drafts", &S::drafts, "drafts of an iteration", between(0, 16) | optional())
          .field("acceptance", &S::acceptance,
                 "chance that draft i is accepted where all before it were; one value stands for all",
                 between(0, 1) | optional())
          .check(&find_speculation_issue);
  return spec;
}

const Spec<ScheduledUnits>& spec_of(const ScheduledUnits*) {
  using S = ScheduledUnits;
  static const Spec<S> spec = Spec<S>("scheduled_units", "Units from a time of day on.")
                                  .field("from", &S::from, "time of day", between(0, 86400) | example("8 h"))
                                  .field("units", &S::units, "units from then on", between(1, kMost));
  return spec;
}

const Spec<ScalingSpec>& spec_of(const ScalingSpec*) {
  using S = ScalingSpec;
  static const Spec<S> spec =
      Spec<S>("scaling", "How many units a pool has as time goes by.")
          .field("policy", &S::policy,
                 "fixed, by a schedule, or the fewest whole units that hold the targets", optional())
          .field("schedule", &S::schedule, "units by time of day, sorted; the last holds over midnight",
                 optional())
          .field("tokens_per_s_per_user", &S::tokens_per_s_per_user, "target of decoding: at least", above(0))
          .field("ttft", &S::ttft, "target of prompts: mean at most", above(0) | example("2 s"))
          .field("utilisation", &S::utilisation, "target: busy share of units at most, the rest is headroom",
                 above(0) | at_most(1))
          .field("min_units", &S::min_units, "never fewer", between(1, kMost) | optional())
          .field("max_units", &S::max_units, "never more", between(1, kMost) | optional())
          .field("interval", &S::interval, "between two decisions", above(0) | optional() | example("300 s"))
          .field("start_up", &S::start_up,
                 "from a decision until a unit serves, its nodes allotted (assumed)",
                 optional() | example("120 s"))
          .check(&find_scaling_issue);
  return spec;
}

namespace {

void add_pool_software(Spec<PoolSpec>& spec) {
  using S = PoolSpec;
  spec.field("cluster", &S::cluster, "absent: the scenario's", optional())
      .field("calibration", &S::calibration, "absent: the scenario's", optional())
      .field("stack", &S::stack, "absent: the scenario's", optional())
      .field("precision", &S::precision, "of linear layers", optional())
      .field("kv_format", &S::kv_format, "of the KV cache", optional());
}

}  // namespace

const Spec<PoolSpec>& spec_of(const PoolSpec*) {
  using S = PoolSpec;
  static const Spec<S> spec = [] {
    Spec<S> s("pool", "Units of one kind.");
    s.field("role", &S::role, "prompts and generation, prompts alone, or generation alone", optional())
        .field("units", &S::units, "at the start; fixed without scaling", between(1, kMost) | optional())
        .field("layout", &S::layout, "how one unit lies on its GPUs");
    add_pool_software(s);
    s.field("batching", &S::batching, "how iterations are filled", optional())
        .field("prefix_cache", &S::prefix_cache, "where KV caches of prompts are kept", optional())
        .field("speculation", &S::speculation, "drafts of several tokens", optional())
        .field("scaling", &S::scaling, "units as time goes by", optional())
        .field("kernel_slowdown", &S::kernel_slowdown, "on the time of every kernel", above(0) | optional())
        .field("kv_tokens", &S::kv_tokens, "of one attention rank, instead of what memory leaves",
               at_least(1))
        .field("max_context", &S::max_context, "tokens of a request; absent: the model's", at_least(1))
        .field("two_micro_batches", &S::two_micro_batches, "overlap; absent: as the stack does");
    return s.check(&find_pool_issue);
  }();
  return spec;
}

}  // namespace moesim
