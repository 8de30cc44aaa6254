#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "models/model_spec.hpp"
#include "models/operators.hpp"

namespace moesim::cli {

/// What operators are listed for.
struct OperatorChoice {
  std::int64_t sequence_length = 4096;  ///< tokens of one sequence; cached tokens for decode
  Pass pass = Pass::forward;
  NumberFormat format = NumberFormat::fp8;
};

/// One part of a model with the operators of one sequence on one GPU that holds every expert, tokens spread
/// evenly.
struct ModelPart {
  std::string name;  ///< "dense layer", "MoE layer", "embedding", "head", "MTP projection"
  std::vector<Operator> operators;
};
std::vector<ModelPart> model_parts(const ModelSpec& spec, const OperatorChoice& choice);

/// name, family, parameters {total, activated, ...}, flops_per_token {...}, kv_bytes_per_token.
Json model_counts_json(const ModelSpec& spec, std::int64_t sequence_length);

/// The same as a heading and a table.
std::string model_counts_text(const ModelSpec& spec, std::int64_t sequence_length);

/// name, family, parameters {total, activated, ...}, flops_per_token {...}, kv_bytes_per_token, operators
/// [...].
Json model_json(const ModelSpec& spec, const OperatorChoice& choice);

/// The same as tables.
std::string model_text(const ModelSpec& spec, const OperatorChoice& choice);

/// "forward", "input_gradient", "weight_gradient", "prefill", "decode", in the order of Pass.
const std::vector<std::string>& pass_names();

}  // namespace moesim::cli
