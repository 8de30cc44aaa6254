#include "cli/model_report.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include <fmt/format.h>

#include "models/flops.hpp"
#include "models/parameters.hpp"
#include "reports/metric.hpp"
#include "reports/text_table.hpp"

namespace moesim::cli {
namespace {

constexpr std::array<std::string_view, 4> kKindNames{"gemm", "grouped_gemm", "attention_core", "small"};

std::string_view kind_name(OperatorKind kind) {
  return kKindNames[static_cast<std::size_t>(kind)];
}

OperatorContext context_of(const ModelSpec& spec, const OperatorChoice& choice) {
  const bool decodes = choice.pass == Pass::decode;
  OperatorContext context;
  context.format = choice.format;
  context.tokens = decodes ? 1.0 : static_cast<double>(choice.sequence_length);
  context.query_tokens = decodes ? 1 : choice.sequence_length;
  context.past_tokens = decodes ? choice.sequence_length : 0;
  context.expert_tokens = context.tokens * spec.top_k;
  context.received_tokens = context.tokens;
  context.local_experts = static_cast<int>(std::min<double>(spec.num_experts, context.expert_tokens));
  return context;
}

Json parameters_json(const ModelSpec& spec) {
  const ParameterCount count = parameters(spec);
  return {{"total", count.total()},
          {"activated", count.activated()},
          {"embedding", count.embedding},
          {"head", count.head},
          {"attention", count.attention},
          {"attention_bias", count.attention_bias},
          {"dense_ffn", count.dense_ffn},
          {"shared_experts", count.shared_experts},
          {"routed_experts", count.routed_experts},
          {"gate", count.gate},
          {"gate_bias", count.gate_bias},
          {"norm", count.norm},
          {"mtp", count.mtp}};
}

Json flops_json(const ModelSpec& spec, std::int64_t length) {
  Json flops = {{"sequence_length", length},
                {"training_causal", training_flops_per_token(spec, length, true).value()},
                {"training_noncausal", training_flops_per_token(spec, length, false).value()},
                {"training_causal_with_mtp", training_flops_per_token(spec, length, true, true).value()},
                {"training_noncausal_with_mtp", training_flops_per_token(spec, length, false, true).value()},
                {"prefill", prefill_flops_per_token(spec, length).value()},
                {"decode", decode_flops_per_token(spec, static_cast<double>(length)).value()}};
  const double multi_head = multi_head_training_flops_per_token(spec, length).value();
  if (multi_head > 0) flops["training_noncausal_multi_head"] = multi_head;
  return flops;
}

Json operator_json(const std::string& part, const Operator& op) {
  return {{"part", part},
          {"name", op.name},
          {"kind", std::string(kind_name(op.kind))},
          {"format", std::string(enum_name(op.format))},
          {"count", op.count},
          {"m", op.m},
          {"n", op.n},
          {"k", op.k},
          {"groups", op.groups},
          {"flops", op.flops},
          {"read_B", op.bytes_read},
          {"written_B", op.bytes_written}};
}

/// "671.0 B" parameters, "250.4 GFLOP".
std::string billions(double count) {
  return fmt::format("{:.1f} B", count / 1e9);
}
std::string flops_text(double flops) {
  return flops > 0 ? metric_text(flops, MetricUnit::count) + "FLOP" : "";
}

TextTable model_table(const ModelSpec& spec, std::int64_t length) {
  const Json counts = parameters_json(spec);
  const Json flops = flops_json(spec, length);
  TextTable table{{{""}, {"", Align::right}, {""}}, {}};
  for (const auto& [key, value] : counts.items()) {
    if (value == 0) continue;
    const std::string note = key == "mtp" ? "in no sum above" : "";
    table.rows.push_back({"parameters, " + metric_label(key), billions(value.get<double>()), note});
  }
  for (const auto& [key, value] : flops.items()) {
    if (key == "sequence_length") continue;
    table.rows.push_back({"FLOPs per token, " + metric_label(key), flops_text(value.get<double>()),
                          fmt::format("at {} tokens", length)});
  }
  table.rows.push_back(
      {"KV cache per token", fmt::format("{:.0f} B", kv_bytes_per_token(spec).value()), "bf16"});
  return table;
}

std::string layers_text(const ModelSpec& spec) {
  if (spec.num_moe_layers() == 0)
    return fmt::format("{} dense layers, hidden {}", spec.num_layers, spec.hidden);
  return fmt::format("{} layers, {} of them dense, hidden {}, {} experts, {} per token", spec.num_layers,
                     spec.num_dense_layers, spec.hidden, spec.num_experts, spec.top_k);
}

std::string shape_text(const Operator& op) {
  if (op.kind == OperatorKind::small) return "";
  if (op.kind == OperatorKind::attention_core) {
    return fmt::format("{} heads, {} x {}, qk {}, v {}", op.heads, op.query_tokens, op.kv_tokens, op.qk_dim,
                       op.v_dim);
  }
  const std::string product = fmt::format("{} x {} x {}", op.m, op.n, op.k);
  return op.groups > 1 ? fmt::format("{} in {} groups", product, op.groups) : product;
}

std::string operators_text(const ModelPart& part) {
  TextTable table{{{part.name},
                   {"kind"},
                   {"format"},
                   {"shape"},
                   {"launches", Align::right},
                   {"FLOPs", Align::right},
                   {"bytes", Align::right}},
                  {}};
  for (const Operator& op : part.operators) {
    const std::string format = op.kind == OperatorKind::small ? "" : std::string(enum_name(op.format));
    table.rows.push_back({op.name, std::string(kind_name(op.kind)), format, shape_text(op),
                          fmt::format("{}", op.count), flops_text(op.flops),
                          metric_text(op.bytes(), MetricUnit::bytes)});
  }
  const OperatorSum sum = sum_of(part.operators);
  table.rows.push_back({"all", "", "", "", fmt::format("{}", sum.launches), flops_text(sum.flops.value()),
                        metric_text(sum.bytes.value(), MetricUnit::bytes)});
  return plain_text(table);
}

}  // namespace

const std::vector<std::string>& pass_names() {
  static const std::vector<std::string> names{"forward", "input_gradient", "weight_gradient", "prefill",
                                              "decode"};
  return names;
}

std::vector<ModelPart> model_parts(const ModelSpec& spec, const OperatorChoice& choice) {
  const OperatorContext context = context_of(spec, choice);
  std::vector<ModelPart> parts;
  parts.push_back({"embedding", embedding_operators(spec, choice.pass, context)});
  if (spec.num_dense_layers > 0) {
    parts.push_back({"dense layer", layer_operators(spec, LayerKind::dense, choice.pass, context)});
  }
  if (spec.num_moe_layers() > 0) {
    parts.push_back({"MoE layer", layer_operators(spec, LayerKind::moe, choice.pass, context)});
  }
  if (spec.mtp_depth > 0)
    parts.push_back({"MTP projection", mtp_projection_operators(spec, choice.pass, context)});
  parts.push_back({"head", head_operators(spec, choice.pass, context)});
  std::erase_if(parts, [](const ModelPart& part) { return part.operators.empty(); });
  return parts;
}

Json model_counts_json(const ModelSpec& spec, std::int64_t sequence_length) {
  return {{"name", spec.name},
          {"family", spec.family},
          {"parameters", parameters_json(spec)},
          {"flops_per_token", flops_json(spec, sequence_length)},
          {"kv_bytes_per_token", kv_bytes_per_token(spec).value()}};
}

std::string model_counts_text(const ModelSpec& spec, std::int64_t sequence_length) {
  return fmt::format("{} ({}): {}\n\n", spec.name, spec.family, layers_text(spec)) +
         plain_text(model_table(spec, sequence_length));
}

Json model_json(const ModelSpec& spec, const OperatorChoice& choice) {
  Json operators = Json::array();
  for (const ModelPart& part : model_parts(spec, choice)) {
    for (const Operator& op : part.operators) operators.push_back(operator_json(part.name, op));
  }
  Json document = model_counts_json(spec, choice.sequence_length);
  document["pass"] = pass_names()[static_cast<std::size_t>(choice.pass)];
  document["operators"] = std::move(operators);
  return document;
}

std::string model_text(const ModelSpec& spec, const OperatorChoice& choice) {
  std::string text = model_counts_text(spec, choice.sequence_length);
  text += fmt::format(
      "\nOperators of one sequence in pass {} with all experts on one GPU; FLOPs and bytes of one launch\n",
      pass_names()[static_cast<std::size_t>(choice.pass)]);
  for (const ModelPart& part : model_parts(spec, choice)) text += '\n' + operators_text(part);
  return text;
}

}  // namespace moesim::cli
