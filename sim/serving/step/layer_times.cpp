#include "sim/serving/step/layer_times.hpp"

#include <algorithm>

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
  if (input.pool->precision == NumberFormat::nvfp4 && !input.profile->gpu().peak_mxfp8) {
    faults.push_back({"/precision", fmt::format("{} does not multiply NVFP4", input.profile->gpu().name),
                      "choose \"fp8\" or \"bf16\", or a Blackwell GPU"});
  }
  if (!faults.empty()) throw PlanError(std::move(faults));
}

}  // namespace

LayerTimes::LayerTimes(const UnitCostInput& input) : input_(input) {
  check(input);
  const auto own = input.profile->sustained_rate();
  sustained_ = own ? own->value : constant("sustained_rate", 1);
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

OperatorContext LayerTimes::context(double tokens, NumberFormat format) const {
  OperatorContext out;
  out.format = format;
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

TimeEstimate LayerTimes::narrowed(TimeEstimate time, double start, double bytes, double less, double flops,
                                  NumberFormat timed, NumberFormat wanted) const {
  const GpuFacts& gpu = input_.profile->gpu();
  const double bandwidth = gpu.hbm_bandwidth.value();
  const double before = std::max(bytes / bandwidth, flops / gpu.peak_of(timed).value());
  const double after = std::max((bytes - less) / bandwidth, flops / gpu.peak_of(wanted).value());
  time.seconds = std::min(time.seconds, start) + std::max(0.0, time.seconds - start) * after / before;
  time.grade = Grade::rule;
  time.provenance = std::max(time.provenance, Provenance::derived);
  return time;
}

bool LayerTimes::bound_by_compute(double flops, double bytes, NumberFormat format) const {
  const GpuFacts& gpu = input_.profile->gpu();
  return flops / gpu.peak_of(format).value() > bytes / gpu.hbm_bandwidth.value();
}

TimeEstimate LayerTimes::narrowed_gemm(const GemmShape& shape, NumberFormat wanted, double element) const {
  constexpr double kStart = 5e-6;  // the shortest GEMMs of all formats
  const double wide = bytes_per_element(shape.format);
  const double elements = shape.m * shape.k + shape.n * shape.k;
  const double flops = 2 * shape.m * shape.n * shape.k;
  const double bytes = elements * wide + 2 * shape.m * shape.n;
  return narrowed(input_.profile->gemm(shape), kStart, bytes, elements * (wide - element), flops,
                  shape.format, wanted);
}

TimeEstimate LayerTimes::gemm_time(NumberFormat format, double m, double n, double k) const {
  const GemmShape wide{NumberFormat::bf16, m, n, k};
  if (format == NumberFormat::nvfp4) return narrowed_gemm(wide, format, kNvfp4Element);
  const TimeEstimate time = input_.profile->gemm({format, m, n, k});
  if (format != NumberFormat::fp8 || !input_.profile->gpu().peak_mxfp8) return time;
  // Blackwell's tables of block-scaled FP8 lie above BF16 for few rows; other FP8 kernels do not.
  const TimeEstimate narrow = narrowed_gemm(wide, format, kScaledFp8Element);
  return narrow.seconds < time.seconds ? narrow : time;
}

PartTime LayerTimes::gemm(NumberFormat format, double m, double n, double k, double rate) const {
  const bool narrow = format == NumberFormat::nvfp4;
  const double element = narrow ? kNvfp4Element : bytes_per_element(format);
  const double bytes = (m * k + n * k) * element + 2 * m * n;
  const double flops = 2 * m * n * k;
  TimeEstimate time = gemm_time(format, std::max(m, 1.0), n, k);
  const double cold = n * k * element / (cold_bandwidth_ * input_.profile->gpu().hbm_bandwidth.value());
  time.seconds = std::max(time.seconds, cold);
  const bool hot = bound_by_compute(flops, bytes, format);
  return computed(time, format, flops, bytes, hot ? rate : 1);
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

PartTime LayerTimes::sum_of_parts(const std::vector<Operator>& operators, double rate) const {
  PartTime out;
  for (const Operator& op : operators) out += operator_part(op, rate);
  return out;
}

PartTime LayerTimes::attention_linear(double tokens, bool prompt) const {
  PartTime out;
  for (const Operator& op :
       layer_operators(*input_.model, LayerKind::dense, Pass::decode, context(tokens, attention_format()))) {
    if (op.component == Component::attention && !is_core(op)) out += operator_part(op, rate_of(prompt));
  }
  return out;
}

PartTime LayerTimes::attention_output(double tokens, bool prompt) const {
  PartTime out;
  for (const Operator& op :
       layer_operators(*input_.model, LayerKind::dense, Pass::decode, context(tokens, attention_format()))) {
    if (op.name.find("o_proj") != std::string::npos) out += operator_part(op, rate_of(prompt));
  }
  return out;
}

PartTime LayerTimes::gate(double tokens, bool prompt) const {
  OperatorList list(Component::attention, input_.pool->precision, NumberFormat::fp32);
  append_gate(list, *input_.model, Pass::decode, context(tokens, input_.pool->precision));
  return sum_of_parts(list.take(), rate_of(prompt));
}

PartTime LayerTimes::dense(double tokens, bool prompt) const {
  if (input_.model->num_dense_layers == 0) return {};
  OperatorList list(Component::mlp, input_.pool->precision, NumberFormat::fp32);
  append_dense_ffn(list, *input_.model, Pass::decode, context(tokens, input_.pool->precision));
  return sum_of_parts(list.take(), rate_of(prompt));
}

PartTime LayerTimes::shared(double tokens, bool prompt) const {
  if (input_.model->num_shared_experts == 0) return {};
  OperatorContext sizes = context(tokens, input_.pool->precision);
  sizes.expert_tokens = tokens;
  OperatorList list(Component::mlp, input_.pool->precision, NumberFormat::fp32);
  append_experts(list, *input_.model, Pass::decode, sizes);
  PartTime out;
  for (const Operator& op : list.take()) {
    if (op.name.find("shared") != std::string::npos) out += operator_part(op, rate_of(prompt));
  }
  return out;
}

PartTime LayerTimes::head(double rows) const {
  if (rows <= 0) return {};
  return sum_of_parts(head_operators(*input_.model, Pass::decode, context(rows, input_.pool->precision)), 1);
}

PartTime LayerTimes::embedding(double tokens) const {
  return sum_of_parts(
      embedding_operators(*input_.model, Pass::decode, context(tokens, input_.pool->precision)), 1);
}

PartTime LayerTimes::draft_projection(double tokens) const {
  return sum_of_parts(
      mtp_projection_operators(*input_.model, Pass::decode, context(tokens, input_.pool->precision)), 1);
}

}  // namespace moesim
