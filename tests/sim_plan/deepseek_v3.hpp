#pragma once

#include "sim/plan/plan.hpp"

namespace moesim::test {

/// Technical report, section 4.2.
inline ModelSpec deepseek_v3() {
  ModelSpec model;
  model.name = "deepseek-v3";
  model.family = "deepseek_v3";
  model.num_layers = 61;
  model.num_dense_layers = 3;
  model.hidden = 7168;
  model.num_heads = 128;
  model.mla = {1536, 512, 128, 64, 128};
  model.dense_intermediate = 18432;
  model.expert_intermediate = 2048;
  model.num_experts = 256;
  model.num_shared_experts = 1;
  model.top_k = 8;
  model.num_groups = 8;
  model.topk_groups = 4;
  model.vocabulary = 129280;
  model.mtp_depth = 1;
  model.gate_bias = true;
  return model;
}

/// The ready scenario's cluster, layout and recipe.
inline PlanInput deepseek_v3_input() {
  PlanInput input;
  input.model = deepseek_v3();
  input.cluster = load_cluster("h800-2048");
  input.layout.pp = 16;
  input.layout.ep = 64;
  input.layout.schedule = ScheduleKind::dualpipe;
  input.layout.recompute = {Recompute::rms_norm, Recompute::mla_up_projection};
  input.recipe.sequence_length = 4096;
  input.recipe.global_batch = 15360;
  return input;
}

/// A training run small enough to count by hand.
inline PlanInput small_input(int nodes = 2) {
  PlanInput input;
  input.model.name = "small";
  input.model.num_layers = 4;
  input.model.hidden = 1024;
  input.model.num_heads = 8;
  input.model.num_kv_heads = 8;
  input.model.head_dim = 128;
  input.model.expert_intermediate = 512;
  input.model.num_experts = 16;
  input.model.top_k = 2;
  input.model.vocabulary = 1000;
  input.cluster = load_cluster("h800-2048");
  input.cluster.num_nodes = nodes;
  input.layout.pp = 2;
  input.layout.ep = 4;
  input.recipe.sequence_length = 512;
  input.recipe.global_batch = 64;
  input.recipe.precision = TrainingPrecision::bf16;
  return input;
}

}  // namespace moesim::test
