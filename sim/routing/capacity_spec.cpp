#include "sim/routing/capacity.hpp"

namespace moesim {

DropOrder CapacitySpec::drop_order() const {
  return drop.value_or(rule == CapacityRule::device_budget ? DropOrder::probability : DropOrder::position);
}

std::optional<SpecIssue> capacity_issue(const CapacitySpec& spec, int top_k) {
  if (spec.rule == CapacityRule::switch_top1 && top_k != 1) {
    return SpecIssue{"/rule", "the capacity of Switch is that of a top-1 gate", "use \"expert\""};
  }
  if (spec.rule == CapacityRule::gshard_top2 && top_k != 2) {
    return SpecIssue{"/rule", "the capacity of GShard is that of a top-2 gate", "use \"expert\""};
  }
  return std::nullopt;
}

namespace {

std::optional<SpecIssue> contradiction(const CapacitySpec& spec) {
  if (spec.rule == CapacityRule::device_budget && spec.drop == DropOrder::position) {
    return SpecIssue{"/drop", "a device budget drops the lowest weights", "leave drop out"};
  }
  if (!spec.padded) return std::nullopt;
  if (spec.rule == CapacityRule::device_budget) {
    return SpecIssue{"/padded", "a device budget gives no capacity of an expert to pad to",
                     "leave padded out"};
  }
  if (spec.protected_fraction > 0 || spec.evaluation) {
    return SpecIssue{"/padded", "rows that are never dropped do not fit a padded capacity",
                     "leave padded, protected_fraction or evaluation out"};
  }
  return std::nullopt;
}

}  // namespace

const Spec<CapacitySpec>& spec_of(const CapacitySpec*) {
  static const Spec<CapacitySpec> spec =
      Spec<CapacitySpec>("capacity", "How many rows an expert or a device takes; the rest is dropped.")
          .field("rule", &CapacitySpec::rule,
                 "expert: ceil(T K / E x factor) (Megatron-Core); switch: floor(T / E x factor); gshard: "
                 "floor(2 T / E x factor); device_budget: floor(T K / D x factor) a device (DeepSeek-V2)")
          .field("factor", &CapacitySpec::factor, "capacity over the mean load", optional() | above(0))
          .field("drop", &CapacitySpec::drop,
                 "position: the last tokens; probability: the lowest weights; absent: by position, a device "
                 "budget by probability")
          .field("padded", &CapacitySpec::padded, "every expert computes its capacity, full or not",
                 optional())
          .field("protected_fraction", &CapacitySpec::protected_fraction,
                 "of the sequences, whose tokens are never dropped (DeepSeek-V2: about 0.1)",
                 optional() | between(0, 1))
          .field("evaluation", &CapacitySpec::evaluation, "nothing is dropped", optional())
          .check(contradiction);
  return spec;
}

}  // namespace moesim
