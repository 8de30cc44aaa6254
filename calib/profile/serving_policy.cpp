#include "calib/profile/serving_policy.hpp"

#include <algorithm>

#include "models/operators.hpp"

namespace moesim {

bool ServingPolicy::fuses(std::string_view operator_name) const {
  return std::ranges::any_of(fused, [&](const std::string& row) {
    return row == operator_name || row == operator_class(operator_name);
  });
}

const Spec<ServingPhasePolicy>& spec_of(const ServingPhasePolicy*) {
  using S = ServingPhasePolicy;
  static const Spec<S> spec =
      Spec<S>("serving_phase", "How prompts or decoding run.")
          .field("experts", &S::experts, "kernel of routed experts")
          .field("transfer", &S::transfer, "how tokens reach routed experts and come back")
          .field("overlap", &S::overlap, "what runs beside communication", optional())
          .field("graph", &S::graph, "kernels are launched by a CUDA graph", optional())
          .field("num_sms", &S::num_sms, "SMs that a transfer takes from computation",
                 at_least(0) | optional());
  return spec;
}

const Spec<ServingPolicy>& spec_of(const ServingPolicy*) {
  using S = ServingPolicy;
  static const Spec<S> spec =
      Spec<S>("serving_policy", "How a stack serves.")
          .field("prefill", &S::prefill, "iterations with prompts")
          .field("decode", &S::decode, "iterations without")
          .field("all_reduce", &S::all_reduce,
                 "inside a node; NCCL's where the calibration has no custom one", optional())
          .field("dispatch_format", &S::dispatch_format, "format of rows on the way to experts", optional())
          .field("combine_format", &S::combine_format, "format of rows on the way back", optional())
          .field("shared_in_experts", &S::shared_in_experts,
                 "shared experts are one more routed expert where every GPU has all tokens", optional())
          .field("fused", &S::fused, "further operators, by class or name, done on the way by other kernels",
                 optional());
  return spec;
}

}  // namespace moesim
