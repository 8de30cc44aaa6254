#include "sim/validation/case_runs.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace moesim {
namespace {

std::optional<SpecIssue> find_size_fault(const PlausibleRange& range) {
  for (const auto& [place, values] : range.grid) {
    if (values.empty())
      return SpecIssue{child_pointer("/grid", place), "no value", "list the plausible ones"};
  }
  const std::size_t num = range.num_variants();
  if (num < 2) return SpecIssue{"", "a range needs at least two variants", "list the plausible ones"};
  if (num <= kMaxVariants) return std::nullopt;
  return SpecIssue{"", fmt::format("{} variants; at most {} are run", num, kMaxVariants),
                   "leave out what cannot have been"};
}

std::optional<SpecIssue> find_length_fault(const RunPhase& phase) {
  if (phase.steps.has_value() != phase.tokens.has_value()) return std::nullopt;
  return SpecIssue{"", "the length of a phase is its steps or its tokens",
                   "give one of \"steps\", \"tokens\""};
}

}  // namespace

std::size_t PlausibleRange::num_variants() const {
  std::size_t num = std::max<std::size_t>(variants.size(), 1);
  for (const auto& [place, values] : grid) num = std::min(num * values.size(), 2 * kMaxVariants);
  return num;
}

const Spec<PlausibleRange>& spec_of(const PlausibleRange*) {
  using R = PlausibleRange;
  static const Spec<R> spec =
      Spec<R>("range", "Plausible settings of a run whose layout was not published.")
          .field("variants", &R::variants, "overrides of each plausible setting", optional())
          .field("grid", &R::grid, "plausible values by pointer; every combination, on top of each variant",
                 optional())
          .check(find_size_fault);
  return spec;
}

const Spec<RunPhase>& spec_of(const RunPhase*) {
  using P = RunPhase;
  static const Spec<P> spec =
      Spec<P>("phase", "A part of a run whose steps are alike.")
          .field("name", &P::name, "for readers", optional())
          .field("scenario", &P::scenario, "instead of the case's: a scenario or the path of one")
          .field("overrides", &P::overrides, "on top of the case's, below a variant's", optional())
          .field("steps", &P::steps, "optimizer steps", above(0))
          .field("tokens", &P::tokens, "tokens, where the number of steps was not published", above(0))
          .check(find_length_fault);
  return spec;
}

}  // namespace moesim
