#include "sim/schedule/op_graph.hpp"

#include <array>

namespace moesim {
namespace {

constexpr std::array<const char*, kNumPhases> kPhaseNames{"attention_forward",
                                                          "mlp_forward",
                                                          "attention_backward",
                                                          "mlp_backward",
                                                          "attention_weight",
                                                          "mlp_weight",
                                                          "dispatch_forward",
                                                          "combine_forward",
                                                          "dispatch_backward",
                                                          "combine_backward",
                                                          "head_forward",
                                                          "head_backward",
                                                          "send_activation",
                                                          "send_gradient",
                                                          "reduce_scatter",
                                                          "all_gather",
                                                          "optimizer",
                                                          "tensor_forward",
                                                          "tensor_backward",
                                                          "context_forward",
                                                          "context_backward",
                                                          "expert_tensor_forward",
                                                          "expert_tensor_backward",
                                                          "attention_recompute",
                                                          "mlp_recompute"};
constexpr std::array<const char*, kNumLanes> kLaneNames{"computation",   "communication", "send_forward",
                                                        "send_backward", "data_parallel", "layer_split"};
constexpr std::array<const char*, kNumPassKinds> kPassNames{"forward", "backward", "weight",
                                                            "forward_backward", "step_end"};

template <class Enum, std::size_t N>
const char* name_of(Enum value, const std::array<const char*, N>& names) {
  const auto index = static_cast<std::size_t>(value);
  return index < N ? names[index] : "unknown";
}

}  // namespace

std::size_t OpGraph::num_operations() const {
  std::size_t sum = 0;
  for (const std::vector<Operation>& program : programs) sum += program.size();
  return sum;
}

const char* to_string(Phase phase) {
  return name_of(phase, kPhaseNames);
}
const char* to_string(Lane lane) {
  return name_of(lane, kLaneNames);
}
const char* to_string(PassKind pass) {
  return name_of(pass, kPassNames);
}

}  // namespace moesim
