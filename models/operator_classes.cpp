#include "models/operators.hpp"

#include <algorithm>
#include <set>

namespace moesim {
namespace {

/// Small models that between them have every part which models/ knows.
std::vector<ModelSpec> every_part() {
  ModelSpec mla;
  mla.num_layers = 2;
  mla.num_dense_layers = 1;
  mla.hidden = mla.dense_intermediate = mla.expert_intermediate = mla.vocabulary = 128;
  mla.num_heads = mla.num_kv_heads = 1;
  mla.head_dim = 128;
  mla.mla = {128, 128, 128, 128, 128};
  mla.num_experts = 4;
  mla.num_shared_experts = 1;
  mla.top_k = 2;
  mla.num_groups = 2;
  mla.group_score = GroupScore::sum_of_two_best;
  mla.scoring = Scoring::sigmoid;
  mla.gate_bias = true;
  mla.mtp_depth = 1;
  ModelSpec full_queries = mla;
  full_queries.mla.q_lora_rank = 0;
  ModelSpec grouped_query = mla;
  grouped_query.mla = {};
  grouped_query.qkv_bias = grouped_query.qk_norm = grouped_query.shared_gate = true;
  return {mla, full_queries, grouped_query};
}

void add_classes(std::set<std::string>& classes, const std::vector<Operator>& operators) {
  for (const Operator& op : operators) classes.emplace(operator_class(op.name));
}

std::vector<std::string> collect() {
  std::set<std::string> classes;
  OperatorContext context;
  context.tokens = static_cast<double>(context.query_tokens = 128);
  context.expert_tokens = 256;
  context.recompute = {.rms_norm = true, .mla_up_projection = true, .swiglu = true, .full_layer = false};
  for (const ModelSpec& model : every_part()) {
    for (const Pass pass :
         {Pass::forward, Pass::input_gradient, Pass::weight_gradient, Pass::prefill, Pass::decode}) {
      add_classes(classes, layer_operators(model, LayerKind::dense, pass, context));
      add_classes(classes, layer_operators(model, LayerKind::moe, pass, context));
      add_classes(classes, embedding_operators(model, pass, context));
      add_classes(classes, head_operators(model, pass, context));
      add_classes(classes, mtp_projection_operators(model, pass, context));
    }
  }
  return {classes.begin(), classes.end()};
}

}  // namespace

const std::vector<std::string>& operator_classes() {
  static const std::vector<std::string> classes = collect();
  return classes;
}

}  // namespace moesim
