#include "sim/serving/step/layer_times.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "calib/profile/operator_time.hpp"
#include "models/operator_list.hpp"

namespace moesim {

namespace {

double real(std::int64_t count) {
  return static_cast<double>(count);
}

/// Kernels of the core, which attention_linear() leaves to decode_core() and prompt_core().
bool is_core(const Operator& op) {
  const std::string_view name = operator_class(op.name);
  return op.kind == OperatorKind::attention_core || name == "mla_k_absorb" || name == "mla_v_absorb";
}

/// Rows of one group of a GEMM, not rounded to whole ones.
double rows_of(const Operator& op) {
  return op.flops / (2 * real(op.n) * real(op.k) * real(op.groups));
}

void check(const UnitCostInput& input) {
  const ModelSpec& model = *input.model;
  const UnitLayout& layout = input.pool->layout;
  std::vector<PlanError::Violation> faults;
  if (!input.stack->serving) {
    faults.push_back({"/stack", fmt::format("stack '{}' does not serve", input.stack->name),
                      "name one with a serving policy, e.g. sglang"});
  }
  if (model.num_heads % layout.tp != 0) {
    faults.push_back({"/layout/tp", fmt::format("{} heads over {} GPUs", model.num_heads, layout.tp),
                      "choose a divisor of the heads"});
  }
  if (model.num_experts > 0 && model.expert_intermediate % layout.expert_tp() != 0) {
    faults.push_back(
        {"/layout/ep",
         fmt::format("experts of {} columns over {} GPUs", model.expert_intermediate, layout.expert_tp()),
         "choose a larger ep"});
  }
  if (!faults.empty()) throw PlanError(std::move(faults));
}

}  // namespace

LayerTimes::LayerTimes(const UnitCostInput& input) : input_(input) {
  check(input);
  sustained_ = constant("sustained_rate", 1);
  cold_bandwidth_ = constant("cold_weight_bandwidth", 0.85);
  expert_bandwidth_ = constant("expert_bandwidth", 0);
  skew_ = constant("all_reduce_skew", 0);
  const int tp = input.pool->layout.tp;
  heads_ = input.model->num_heads / tp;
  kv_heads_ = std::max(1, input.model->num_kv_heads / tp);
}

double LayerTimes::constant(std::string_view name, double otherwise) const {
  return input_.stack->value_or(name, input_.profile->excluded(), otherwise);
}

OperatorContext LayerTimes::context(double tokens) const {
  OperatorContext out;
  out.format = input_.pool->precision;
  out.tokens = tokens;
  out.query_tokens = 1;
  out.tp = input_.pool->layout.tp;
  out.etp = input_.pool->layout.expert_tp();
  out.sequence_parallel = false;
  return out;
}

bool LayerTimes::fuses(std::string_view name) const {
  return input_.stack->fuses(operator_class(name)) || input_.stack->serving->fuses(name);
}

PartTime LayerTimes::computed(const TimeEstimate& estimate, NumberFormat format, double flops, double bytes,
                              double rate) const {
  constexpr double kBusyShare = 0.7;
  const GpuFacts& gpu = input_.profile->gpu();
  const double slowdown = input_.pool->kernel_slowdown;
  PartTime out = part_of(scaled(estimate, slowdown / rate));
  out.sm_busy = std::min(out.seconds, slowdown * flops / (kBusyShare * gpu.peak_of(format).value()));
  out.hbm_bytes = bytes;
  return out;
}

PartTime LayerTimes::gemm(NumberFormat format, double m, double n, double k, double rate) const {
  const double element = bytes_per_element(format);
  TimeEstimate time = input_.profile->gemm({format, std::max(m, 1.0), n, k});
  const double cold = n * k * element / (cold_bandwidth_ * input_.profile->gpu().hbm_bandwidth.value());
  time.seconds = std::max(time.seconds, cold);
  return computed(time, format, 2 * m * n * k, (m * k + n * k) * element + 2 * m * n, rate);
}

PartTime LayerTimes::small(double bytes) const {
  return computed(input_.profile->small(Bytes(bytes)), NumberFormat::bf16, 0, bytes, 1);
}

PartTime LayerTimes::operator_part(const Operator& op, double rate) const {
  const std::string_view name = operator_class(op.name);
  if (fuses(op.name)) return {};
  if (op.kind == OperatorKind::small) {
    const auto factor = input_.stack->small_kernel_bytes.find(std::string(name));
    const double times = factor == input_.stack->small_kernel_bytes.end() ? 1.0 : factor->second;
    return small(op.bytes() * times) * op.count;
  }
  const KernelSource* source = kernel_source_of(*input_.stack, op);
  const PartTime part = gemm(op.format, rows_of(op), real(op.n), real(op.k), rate);
  return part * (source == nullptr ? 1.0 : source->factor) * op.count;
}

PartTime LayerTimes::attention_linear(double tokens, bool prompt) const {
  PartTime out;
  for (const Operator& op : layer_operators(*input_.model, LayerKind::dense, Pass::decode, context(tokens))) {
    if (op.component == Component::attention && !is_core(op)) out += operator_part(op, rate_of(prompt));
  }
  return out;
}

PartTime LayerTimes::attention_output(double tokens, bool prompt) const {
  PartTime out;
  for (const Operator& op : layer_operators(*input_.model, LayerKind::dense, Pass::decode, context(tokens))) {
    if (op.name.find("o_proj") != std::string::npos) out += operator_part(op, rate_of(prompt));
  }
  return out;
}

PartTime LayerTimes::gate(double tokens, bool prompt) const {
  OperatorList list(Component::attention, input_.pool->precision, NumberFormat::fp32);
  append_gate(list, *input_.model, Pass::decode, context(tokens));
  PartTime out;
  for (const Operator& op : list.take()) out += operator_part(op, rate_of(prompt));
  return out;
}

PartTime LayerTimes::dense(double tokens, bool prompt) const {
  if (input_.model->num_dense_layers == 0) return {};
  OperatorList list(Component::mlp, input_.pool->precision, NumberFormat::fp32);
  append_dense_ffn(list, *input_.model, Pass::decode, context(tokens));
  PartTime out;
  for (const Operator& op : list.take()) out += operator_part(op, rate_of(prompt));
  return out;
}

PartTime LayerTimes::shared(double tokens, bool prompt) const {
  if (input_.model->num_shared_experts == 0) return {};
  OperatorContext sizes = context(tokens);
  sizes.expert_tokens = tokens;
  OperatorList list(Component::mlp, input_.pool->precision, NumberFormat::fp32);
  append_experts(list, *input_.model, Pass::decode, sizes);
  PartTime out;
  for (const Operator& op : list.take()) {
    if (op.name.find("shared") != std::string::npos) out += operator_part(op, rate_of(prompt));
  }
  return out;
}

double LayerTimes::streamed_experts(const ExpertShape& shape) const {
  constexpr double kPeakShare = 1 / 1.7;  // as expert_carrier() has it
  constexpr int kNumKernels = 5;          // sort, quantise, activation, sum beside the GEMMs
  const GpuFacts& gpu = input_.profile->gpu();
  const double bandwidth = gpu.hbm_bandwidth.value();
  const double weights = shape.weight_bytes() / (expert_bandwidth_ * bandwidth);
  const double gemms =
      6 * shape.padded_rows() * shape.hidden * shape.inter / (kPeakShare * gpu.peak_of(shape.format).value());
  const double rows =
      (shape.rows * (3 * shape.hidden + 8 * shape.inter) + 4 * shape.tokens * shape.hidden) / bandwidth;
  return kNumKernels * input_.profile->small(Bytes(0)).seconds + rows +
         std::sqrt(weights * weights + gemms * gemms);
}

PartTime LayerTimes::experts(const ExpertWork& work, bool prompt) const {
  const ModelSpec& model = *input_.model;
  const NumberFormat format = input_.pool->precision;
  const double touched = std::max(work.touched, 1.0);
  const double rows = std::max(work.rows, 1.0);
  ExpertShape shape{format, real(model.hidden),
                    real(model.expert_intermediate / input_.pool->layout.expert_tp()), touched,
                    std::max(rows, touched)};
  shape.max_rows = work.max_over_mean * shape.rows / touched;
  shape.tokens = work.tokens;
  TimeEstimate time = input_.profile->expert_mlp(shape, enum_name(phase(prompt).experts));
  const double streamed = !prompt && expert_bandwidth_ > 0 ? streamed_experts(shape) : time.seconds;
  if (streamed < time.seconds) {
    time.seconds = streamed;
    time.provenance = Provenance::fitted;
    time.grade = Grade::rule;
  }
  const double cold = shape.weight_bytes() / (cold_bandwidth_ * input_.profile->gpu().hbm_bandwidth.value());
  time.seconds = std::max(time.seconds, cold);
  const double rows_bytes =
      shape.rows * (shape.hidden * 3 + 8 * shape.inter) + work.tokens * 4 * shape.hidden;
  return computed(time, format, 6 * rows * shape.hidden * shape.inter, shape.weight_bytes() + rows_bytes,
                  rate_of(prompt));
}

PartTime LayerTimes::head(double rows) const {
  if (rows <= 0) return {};
  PartTime out;
  for (const Operator& op : head_operators(*input_.model, Pass::decode, context(rows)))
    out += operator_part(op, 1);
  return out;
}

PartTime LayerTimes::embedding(double tokens) const {
  PartTime out;
  for (const Operator& op : embedding_operators(*input_.model, Pass::decode, context(tokens)))
    out += operator_part(op, 1);
  return out;
}

PartTime LayerTimes::draft_projection(double tokens) const {
  PartTime out;
  for (const Operator& op : mtp_projection_operators(*input_.model, Pass::decode, context(tokens)))
    out += operator_part(op, 1);
  return out;
}

}  // namespace moesim
