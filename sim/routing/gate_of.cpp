#include <stdexcept>

#include "sim/routing/gate.hpp"

namespace moesim {

GateSpec gate_of(const ModelSpec& model, GateFlavour flavour) {
  if (model.num_moe_layers() == 0 || model.num_experts == 0) {
    throw std::invalid_argument("the gate of " + model.name + ", which has no experts");
  }
  GateSpec gate;
  gate.num_experts = model.num_experts;
  gate.top_k = model.top_k;
  gate.num_groups = model.num_groups;
  gate.topk_groups = model.topk_groups;
  gate.scoring = model.scoring;
  gate.group_score = model.group_score;
  const bool always = flavour == GateFlavour::reference && model.scoring == Scoring::sigmoid;
  gate.normalise = model.normalise_top_k || always || model.random_second;
  gate.has_bias = model.gate_bias;
  gate.route_scale = model.route_scale;
  gate.flavour = flavour;
  gate.random_second = model.random_second;
  return gate;
}

}  // namespace moesim
