#include "workloads/requests/workload_spec.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace moesim {
namespace {

constexpr double kMost = 1 << 30;

std::optional<SpecIssue> find_arrival_issue(const ArrivalSpec& arrivals) {
  if (arrivals.process == ArrivalProcess::diurnal && arrivals.day.empty())
    return SpecIssue{"/day", "empty", "give the rate over its mean by time of day"};
  if (std::ranges::any_of(arrivals.day, [](double rate) { return rate < 0; }))
    return SpecIssue{"/day", "holds a negative rate", "rates are at least 0"};
  const bool idle =
      !arrivals.day.empty() && std::ranges::all_of(arrivals.day, [](double rate) { return rate == 0; });
  if (idle) return SpecIssue{"/day", "holds no rate above 0", "give at least one"};
  if (arrivals.process == ArrivalProcess::on_off && arrivals.on_rate_over_mean * arrivals.on_fraction > 1) {
    return SpecIssue{"/on_rate_over_mean", "more requests come while it is on than in all",
                     "on_rate_over_mean x on_fraction is at most 1"};
  }
  return std::nullopt;
}

std::optional<SpecIssue> find_spread_issue(const LengthSpread& spread) {
  if (spread.min > spread.max) return SpecIssue{"/min", "above max", "swap the two"};
  constexpr double kWidestUniform = 0.57735;  // 1 / sqrt(3): from 0 to twice the mean
  if (spread.law == LengthLaw::uniform && spread.cv > kWidestUniform)
    return SpecIssue{"/cv", "a uniform law is at most 0.577 wide", "use another law"};
  return std::nullopt;
}

std::optional<SpecIssue> find_workload_issue(const WorkloadSpec& workload) {
  const int ways =
      (workload.arrivals ? 1 : 0) + (workload.concurrency ? 1 : 0) + (workload.saturated ? 1 : 0);
  if (!workload.trace && ways == 0) {
    return SpecIssue{"", "nothing is asked", "give trace, arrivals, concurrency or saturated"};
  }
  if (ways > 1 || (workload.trace && workload.arrivals)) {
    return SpecIssue{"", "several of trace, arrivals, concurrency and saturated",
                     "give one (a trace also with concurrency or saturated, for its lengths)"};
  }
  if (workload.cached_fraction > workload.cached_request_fraction) {
    return SpecIssue{"/cached_fraction", "above the share of requests that have hits",
                     "at most cached_request_fraction"};
  }
  return std::nullopt;
}

}  // namespace

const Spec<ArrivalSpec>& spec_of(const ArrivalSpec*) {
  using S = ArrivalSpec;
  static const Spec<S> spec =
      Spec<S>("arrivals", "When requests come.")
          .field("process", &S::process, "law of the gaps or of the rate", optional())
          .field("rate_per_s", &S::rate_per_s, "mean", above(0) | at_most(1e9) | optional())
          .field("cv", &S::cv, "gamma: standard deviation of gaps over their mean",
                 above(0) | at_most(100) | optional())
          .field("on_rate_over_mean", &S::on_rate_over_mean, "on_off: rate while it is on",
                 at_least(1) | optional())
          .field("on_fraction", &S::on_fraction, "on_off: share of a period",
                 above(0) | at_most(1) | optional())
          .field("period", &S::period, "on_off", above(0) | optional() | example("60 s"))
          .field("day", &S::day, "diurnal: rate over its mean at equal distances of a day, linear between",
                 optional())
          .check(&find_arrival_issue);
  return spec;
}

const Spec<LengthSpread>& spec_of(const LengthSpread*) {
  using S = LengthSpread;
  static const Spec<S> spec =
      Spec<S>("spread", "How lengths spread about their mean.")
          .field("law", &S::law, "of the lengths", optional())
          .field("cv", &S::cv, "standard deviation over mean; not of constant and exponential",
                 at_least(0) | at_most(100) | optional())
          .field("min", &S::min, "draws below are raised to it", between(1, kMost) | optional())
          .field("max", &S::max, "draws above are cut to it", between(1, kMost) | optional())
          .check(&find_spread_issue);
  return spec;
}

const Spec<SessionSpec>& spec_of(const SessionSpec*) {
  using S = SessionSpec;
  static const Spec<S> spec =
      Spec<S>("sessions", "Conversations of several turns.")
          .field("turns", &S::turns, "mean, geometric", at_least(1) | optional())
          .field("system_tokens", &S::system_tokens, "shared by all sessions of a system prompt",
                 between(0, kMost) | optional())
          .field("systems", &S::systems, "system prompts", between(1, kMost) | optional())
          .field("think_time", &S::think_time, "mean, exponential", optional() | example("20 s"))
          .field("tokens_per_s", &S::tokens_per_s, "at which an answer is read", above(0) | optional())
          .field("block_tokens", &S::block_tokens, "of the hashes", between(1, kMost) | optional());
  return spec;
}

const Spec<WorkloadSpec>& spec_of(const WorkloadSpec*) {
  using S = WorkloadSpec;
  static const Spec<S> spec = [] {
    Spec<S> s("workload", "What is asked of a deployment.");
    s.field("trace", &S::trace, "Azure CSV, Mooncake JSONL or BurstGPT CSV, by its content; also .gz")
        .field("time_scale", &S::time_scale, "of a trace: gaps are multiplied", above(0) | optional())
        .field("sample", &S::sample, "of a trace: share of its requests", above(0) | at_most(1) | optional())
        .field("arrivals", &S::arrivals, "generated requests that come by themselves")
        .field("concurrency", &S::concurrency, "requests in flight, each replaced when it ends",
               between(1, kMost))
        .field("saturated", &S::saturated, "as many requests in flight as all units hold", optional())
        .field("input_tokens", &S::input_tokens, "mean, generated", between(1, kMost) | optional())
        .field("output_tokens", &S::output_tokens, "mean, generated", between(1, kMost) | optional())
        .field("input_spread", &S::input_spread, "about the mean", optional())
        .field("output_spread", &S::output_spread, "about the mean", optional())
        .field("cached_fraction", &S::cached_fraction, "generated: of input tokens that hit the disk cache",
               between(0, 1) | optional())
        .field("cached_request_fraction", &S::cached_request_fraction, "requests among which those hits lie",
               above(0) | at_most(1) | optional())
        .field("sessions", &S::sessions,
               "generated conversations, which begin at the arrivals; absent: single requests")
        .field("requests", &S::requests, "at most", between(1, 1e12))
        .field("duration", &S::duration, "arrivals end then", above(0) | example("1 h"))
        .field("start", &S::start, "time of day of the first arrival", optional() | example("8 h"));
    return s.check(&find_workload_issue);
  }();
  return spec;
}

}  // namespace moesim
