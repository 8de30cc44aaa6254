#include "models/operator_list.hpp"

#include <cmath>
#include <utility>

namespace moesim {
namespace {

double real(std::int64_t count) {
  return static_cast<double>(count);
}

/// Bytes of an operand element, with the block scale of FP8.
double operand_bytes(NumberFormat format) {
  return is_fp8(format) ? kFp8Element : bytes_per_element(format);
}

std::string_view suffix(OperatorRole role) {
  switch (role) {
    case OperatorRole::forward:
      return "";
    case OperatorRole::input_gradient:
      return "_dgrad";
    case OperatorRole::weight_gradient:
      return "_wgrad";
  }
  return "";
}

std::string placed(std::string_view kernel, std::string_view where) {
  return std::string(kernel) + "." + std::string(where);
}

}  // namespace

Operator OperatorList::base(std::string name, OperatorRole role) const {
  Operator op;
  op.name = std::move(name);
  op.role = role;
  op.component = component_;
  op.format = format_;
  op.recomputed = recomputed_;
  return op;
}

void OperatorList::gemm(const Linear& linear, OperatorRole role, NumberFormat format, NumberFormat output) {
  Operator op = base(std::string(linear.name) + std::string(suffix(role)), role);
  op.kind = linear.groups > 1 ? OperatorKind::grouped_gemm : OperatorKind::gemm;
  op.format = format;
  op.groups = linear.groups;
  const std::int64_t rows = std::llround(linear.rows);
  const double n = real(linear.n), k = real(linear.k);
  const double weights = n * k * real(linear.groups);
  const double element = operand_bytes(format);
  if (role == OperatorRole::weight_gradient) {
    op.m = linear.n, op.n = linear.k, op.k = rows;
    op.bytes_read = linear.rows * (n + k) * element + weights * bytes_per_element(output);
    op.bytes_written = weights * bytes_per_element(output);
  } else {
    const bool forward = role == OperatorRole::forward;
    op.m = rows, op.n = forward ? linear.n : linear.k, op.k = forward ? linear.k : linear.n;
    op.bytes_read = (linear.rows * real(op.k) + weights) * element;
    op.bytes_written = linear.rows * real(op.n) * bytes_per_element(output);
  }
  if (is_fp8(format) && role != OperatorRole::weight_gradient) {
    const double scales = linear.rows * real(op.k) * (kFp8Element - 1);
    small("transpose_scales." + op.name, scales, scales);  // into the layout the GEMM loads them in
  }
  op.flops = 2 * linear.rows * n * k;
  op.model_flops = recomputed_ ? 0 : op.flops;
  operators_.push_back(std::move(op));
}

void OperatorList::forward(const Linear& linear) {
  gemm(linear, OperatorRole::forward, format_, NumberFormat::bf16);
}
void OperatorList::input_gradient(const Linear& linear) {
  gemm(linear, OperatorRole::input_gradient, format_, NumberFormat::bf16);
}
void OperatorList::weight_gradient(const Linear& linear) {
  gemm(linear, OperatorRole::weight_gradient, format_, gradient_format_);
}
void OperatorList::forward_bf16(const Linear& linear, NumberFormat output) {
  gemm(linear, OperatorRole::forward, NumberFormat::bf16, output);
}
void OperatorList::input_gradient_bf16(const Linear& linear) {
  gemm(linear, OperatorRole::input_gradient, NumberFormat::bf16, NumberFormat::bf16);
}
void OperatorList::weight_gradient_bf16(const Linear& linear) {
  gemm(linear, OperatorRole::weight_gradient, NumberFormat::bf16, gradient_format_);
}

void OperatorList::attention(Operator core, double flops, double model_flops, double bytes_read,
                             double bytes_written) {
  core.kind = OperatorKind::attention_core;
  core.component = component_;
  core.format = NumberFormat::bf16;
  core.recomputed = recomputed_;
  core.flops = flops;
  core.model_flops = recomputed_ ? 0 : model_flops;
  core.bytes_read = bytes_read;
  core.bytes_written = bytes_written;
  operators_.push_back(std::move(core));
}

void OperatorList::small(std::string name, double read, double written, int count) {
  Operator op = base(std::move(name), OperatorRole::forward);
  op.bytes_read = read;
  op.bytes_written = written;
  op.count = count;
  operators_.push_back(std::move(op));
}

void OperatorList::elementwise(std::string name, double rows, double width_read, double width_written) {
  small(std::move(name), rows * width_read * kBf16Element, rows * width_written * kBf16Element);
}

void OperatorList::quantise(std::string_view where, double rows, double width) {
  if (!fp8()) return;
  small(placed("quantise", where), rows * width * kBf16Element, rows * width * kFp8Element);
}

void OperatorList::dequantise(std::string_view where, double rows, double width) {
  if (!fp8()) return;
  small(placed("dequantise", where), rows * width * kFp8Element, rows * width * kBf16Element);
}

void OperatorList::cast_transpose(std::string_view where, double rows, double width, double element) {
  if (!fp8()) return;
  small(placed("cast_transpose", where), rows * width * element, rows * width * kFp8Element);
}

void OperatorList::transpose_weight(std::string_view where, std::int64_t n, std::int64_t k,
                                    std::int64_t groups) {
  if (format_ != NumberFormat::fp8) return;
  const double elements = real(n * k * groups);
  small(placed("transpose_weight", where), elements, elements);
}

}  // namespace moesim
