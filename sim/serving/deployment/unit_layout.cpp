#include "sim/serving/deployment/unit_layout.hpp"

#include <fmt/format.h>

namespace moesim {
namespace {

std::optional<SpecIssue> find_issue(const UnitLayout& layout) {
  if (layout.gpus % layout.tp != 0) {
    return SpecIssue{"/tp", fmt::format("{} GPUs are no whole groups of {}", layout.gpus, layout.tp),
                     "use a divisor of gpus"};
  }
  if (layout.gpus % layout.ep != 0) {
    return SpecIssue{"/ep", fmt::format("{} GPUs are no whole groups of {}", layout.gpus, layout.ep),
                     "use a divisor of gpus, or 1 for columns of every expert on every GPU"};
  }
  if (layout.redundant_experts > 0 && layout.ep == 1) {
    return SpecIssue{"/redundant_experts", "every GPU holds a slice of every expert already",
                     "redundant experts need ep above 1"};
  }
  return std::nullopt;
}

}  // namespace

const Spec<UnitLayout>& spec_of(const UnitLayout*) {
  constexpr double kMost = 1 << 20;
  using S = UnitLayout;
  static const Spec<S> spec =
      Spec<S>("unit_layout", "How one unit, a replica of the model, lies on its GPUs.")
          .field("gpus", &S::gpus, "GPUs of a unit", between(1, kMost))
          .field("tp", &S::tp, "tensor parallelism of attention; gpus / tp ranks have requests of their own",
                 between(1, kMost) | optional())
          .field("ep", &S::ep, "expert parallelism; 1: every GPU holds a column slice of every expert",
                 between(1, kMost) | optional())
          .field("redundant_experts", &S::redundant_experts,
                 "slots beyond one for each expert, over the unit", between(0, kMost) | optional())
          .check(&find_issue);
  return spec;
}

}  // namespace moesim
