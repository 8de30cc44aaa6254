#include "calib/profile/operator_time.hpp"

#include <algorithm>

namespace moesim {

namespace {

std::string_view kind_name(const Operator& op) {
  const bool gemm = op.kind == OperatorKind::gemm || op.kind == OperatorKind::grouped_gemm;
  if (gemm && op.role == OperatorRole::weight_gradient) return "weight_gradient";
  switch (op.kind) {
    case OperatorKind::gemm:
      return "gemm";
    case OperatorKind::grouped_gemm:
      return "grouped_gemm";
    case OperatorKind::attention_core:
      return "attention_core";
    case OperatorKind::small:
      return "small";
  }
  return {};
}

GemmRole gemm_role(OperatorRole role) {
  switch (role) {
    case OperatorRole::forward:
      return GemmRole::forward;
    case OperatorRole::input_gradient:
      return GemmRole::input_gradient;
    case OperatorRole::weight_gradient:
      return GemmRole::weight_gradient;
  }
  return GemmRole::forward;
}

TimeEstimate attention_core_time(const Operator& op, const CalibrationProfile& profile) {
  const AttentionShape shape{static_cast<double>(op.heads),
                             static_cast<double>(op.qk_dim),
                             static_cast<double>(op.v_dim),
                             static_cast<double>(op.query_tokens),
                             static_cast<double>(op.kv_tokens - op.query_tokens),
                             op.sequences,
                             op.causal,
                             static_cast<double>(op.kv_heads)};
  return profile.attention(
      shape, op.role == OperatorRole::forward ? AttentionRole::forward : AttentionRole::backward);
}

TimeEstimate one_launch(const Operator& op, const Stack& stack, const CalibrationProfile& profile) {
  if (op.kind == OperatorKind::small) {
    const auto factor = stack.small_kernel_bytes.find(std::string(operator_class(op.name)));
    return profile.small(
        Bytes(op.bytes() * (factor == stack.small_kernel_bytes.end() ? 1.0 : factor->second)));
  }
  const auto alone = op.kind == OperatorKind::attention_core
                         ? attention_core_time(op, profile)
                         : profile.gemm(gemm_shape_of(op), stack.accumulation_bytes());
  return scaled(alone, 1.0 / sustained_rate(stack, profile).value);
}

}  // namespace

ResolvedConstant sustained_rate(const Stack& stack, const CalibrationProfile& profile) {
  if (const auto own = profile.sustained_rate()) return *own;
  return stack.constant("sustained_rate", profile.excluded());
}

ComputeClass compute_class(const Operator& op) {
  switch (op.kind) {
    case OperatorKind::gemm:
    case OperatorKind::grouped_gemm:
      return ComputeClass::gemm;
    case OperatorKind::attention_core:
      return ComputeClass::attention;
    case OperatorKind::small:
      return ComputeClass::small;
  }
  return ComputeClass::small;
}

const KernelSource* kernel_source_of(const Stack& stack, const Operator& op) {
  for (const std::string_view key : {operator_class(op.name), kind_name(op)}) {
    const auto row = std::find_if(stack.kernels.begin(), stack.kernels.end(),
                                  [&](const KernelSource& source) { return source.op == key; });
    if (row != stack.kernels.end()) return &*row;
  }
  return nullptr;
}

GemmShape gemm_shape_of(const Operator& op) {
  const auto groups = static_cast<double>(op.groups);
  GemmShape shape{op.format, static_cast<double>(op.m), static_cast<double>(op.n), static_cast<double>(op.k),
                  groups,    gemm_role(op.role)};
  (op.role == OperatorRole::weight_gradient ? shape.k : shape.m) /= groups;
  return shape;
}

TimeEstimate operator_time(const Operator& op, const Stack& stack, const CalibrationProfile& profile) {
  if (stack.fuses(operator_class(op.name))) return {0, Provenance::measured, "", 0, 0};
  const KernelSource* source = kernel_source_of(stack, op);
  return scaled(one_launch(op, stack, profile), op.count * (source == nullptr ? 1.0 : source->factor));
}

}  // namespace moesim
