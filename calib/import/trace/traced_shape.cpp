#include "calib/import/trace/traced_shape.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

namespace moesim {

namespace {

using Shape = std::vector<std::int64_t>;

std::optional<NumberFormat> format_of_type(std::string_view type) {
  if (type.find("Float8") != std::string_view::npos) return NumberFormat::fp8;
  if (type.find("BFloat16") != std::string_view::npos || type.find("Half") != std::string_view::npos)
    return NumberFormat::bf16;
  if (type == "float" || type == "Float") return NumberFormat::fp32;
  return std::nullopt;
}

/// The format of an input; BF16 where the trace says nothing.
std::optional<NumberFormat> input_format(const TracedKernel& kernel, std::size_t index) {
  if (index >= kernel.types.size() || kernel.types[index].empty()) return NumberFormat::bf16;
  return format_of_type(kernel.types[index]);
}

/// Where the two factors of a product stand among the inputs, and whether the second is stored transposed.
struct ProductRule {
  std::string_view op;
  std::size_t left;
  std::size_t right;
  bool right_is_transposed = false;
};
constexpr std::array kProducts{
    ProductRule{"aten::mm", 0, 1},          ProductRule{"aten::addmm", 1, 2},
    ProductRule{"aten::_scaled_mm", 0, 1},  ProductRule{"aten::bmm", 0, 1},
    ProductRule{"aten::baddbmm", 1, 2},     ProductRule{"aten::linear", 0, 1, true},
    ProductRule{"aten::_grouped_mm", 0, 1}, ProductRule{"aten::_scaled_grouped_mm", 0, 1},
};

double extent(std::int64_t value) {
  return static_cast<double>(value);
}

Entry product_entry(TimedOperator op, NumberFormat format, std::map<std::string, double> axes) {
  Entry entry;
  entry.op = op;
  entry.format = format;
  entry.axes = std::move(axes);
  return entry;
}

/// [m, k] x [k, n], [b, m, k] x [b, k, n], or [rows of all groups, k] x [groups, k, n].
std::optional<Entry> entry_of_product(const Shape& left, const Shape& right, NumberFormat format,
                                      bool right_is_transposed) {
  if (right_is_transposed) {
    if (right.size() != 2 || left.size() < 2 || left.back() != right[1]) return std::nullopt;
    double rows = 1;
    for (std::size_t i = 0; i + 1 < left.size(); ++i) rows *= extent(left[i]);
    return product_entry(TimedOperator::gemm, format,
                         {{"m", rows}, {"n", extent(right[0])}, {"k", extent(right[1])}});
  }
  if (left.size() == 2 && right.size() == 2 && left[1] == right[0])
    return product_entry(TimedOperator::gemm, format,
                         {{"m", extent(left[0])}, {"n", extent(right[1])}, {"k", extent(right[0])}});
  if (left.size() == 3 && right.size() == 3 && left[0] == right[0] && left[2] == right[1])
    return product_entry(TimedOperator::batched_gemm, format,
                         {{"batch", extent(left[0])},
                          {"m", extent(left[1])},
                          {"n", extent(right[2])},
                          {"k", extent(right[1])}});
  if (left.size() == 2 && right.size() == 3 && left[1] == right[1] && right[0] > 0)
    return product_entry(TimedOperator::grouped_gemm, format,
                         {{"groups", extent(right[0])},
                          {"m", extent(left[0]) / extent(right[0])},
                          {"n", extent(right[2])},
                          {"k", extent(right[1])}});
  return std::nullopt;
}

std::optional<TracedShape> traced_product(const TracedKernel& kernel) {
  const auto rule = std::find_if(kProducts.begin(), kProducts.end(),
                                 [&](const ProductRule& row) { return row.op == kernel.op; });
  if (rule == kProducts.end() || kernel.shapes.size() <= std::max(rule->left, rule->right))
    return std::nullopt;
  const auto format = input_format(kernel, rule->left);
  if (!format) return std::nullopt;
  auto entry = entry_of_product(kernel.shapes[rule->left], kernel.shapes[rule->right], *format,
                                rule->right_is_transposed);
  if (!entry) return std::nullopt;
  return TracedShape{std::move(*entry), 1};
}

/// Where query, key and value stand, and the order of their extents: [batch, heads, length, dim] or [batch,
/// length, heads, dim].
struct AttentionRule {
  std::string_view op;
  std::size_t query;
  bool heads_first;
  bool backward = false;
};
constexpr std::array kAttention{
    AttentionRule{"aten::_scaled_dot_product_flash_attention", 0, true},
    AttentionRule{"aten::_scaled_dot_product_cudnn_attention", 0, true},
    AttentionRule{"aten::_scaled_dot_product_efficient_attention", 0, true},
    AttentionRule{"aten::_flash_attention_forward", 0, false},
    AttentionRule{"aten::_cudnn_attention_forward", 0, true},
    AttentionRule{"aten::_efficient_attention_forward", 0, false},
    AttentionRule{"flash_attn::_flash_attn_forward", 0, false},
    AttentionRule{"flash_attn_3::fwd", 0, false},
    AttentionRule{"aten::_scaled_dot_product_flash_attention_backward", 1, true, true},
    AttentionRule{"aten::_scaled_dot_product_cudnn_attention_backward", 1, true, true},
    AttentionRule{"aten::_flash_attention_backward", 1, false, true},
    AttentionRule{"flash_attn::_flash_attn_backward", 1, false, true},
};

std::optional<TracedShape> traced_attention(const TracedKernel& kernel) {
  const auto rule = std::find_if(kAttention.begin(), kAttention.end(),
                                 [&](const AttentionRule& row) { return row.op == kernel.op; });
  if (rule == kAttention.end() || kernel.shapes.size() < rule->query + 3) return std::nullopt;
  const Shape &q = kernel.shapes[rule->query], &k = kernel.shapes[rule->query + 1],
              &v = kernel.shapes[rule->query + 2];
  if (q.size() != 4 || k.size() != 4 || v.size() != 4) return std::nullopt;
  const std::size_t heads = rule->heads_first ? 1 : 2, length = rule->heads_first ? 2 : 1;
  if (q[length] != k[length] || q[0] <= 0)
    return std::nullopt;  // tokens behind cached ones are no whole prompt
  TracedShape out;
  out.entry.role = rule->backward ? GemmRole::input_gradient : GemmRole::forward;
  if (q[3] == v[3]) {
    out.entry.op = TimedOperator::gqa_prefill;
    out.entry.axes = {{"head_dim", extent(q[3])},
                      {"heads", extent(q[heads])},
                      {"kv_heads", extent(k[heads])},
                      {"batch", extent(q[0])},
                      {"length", extent(q[length])}};
  } else {
    out.entry.op = TimedOperator::attention_prefill;
    out.entry.axes = {{"heads", extent(q[heads])},
                      {"qk_dim", extent(q[3])},
                      {"v_dim", extent(v[3])},
                      {"length", extent(q[length])}};
    out.seconds_share = 1 / extent(q[0]);
  }
  return out;
}

struct CollectiveRule {
  std::string_view word;
  TimedOperator op;
  bool counts_output;  ///< the whole buffer is what comes out
};
constexpr std::array kCollectives{
    CollectiveRule{"allreduce", TimedOperator::all_reduce, false},
    CollectiveRule{"all_reduce", TimedOperator::all_reduce, false},
    CollectiveRule{"allgather", TimedOperator::all_gather, true},
    CollectiveRule{"all_gather", TimedOperator::all_gather, true},
    CollectiveRule{"reduce_scatter", TimedOperator::reduce_scatter, false},
    CollectiveRule{"reducescatter", TimedOperator::reduce_scatter, false},
    CollectiveRule{"all_to_all", TimedOperator::all_to_all, false},
    CollectiveRule{"alltoall", TimedOperator::all_to_all, false},
};

std::optional<TracedShape> traced_collective(const TracedKernel& kernel) {
  const auto rule = std::find_if(kCollectives.begin(), kCollectives.end(), [&](const CollectiveRule& row) {
    return kernel.collective.find(row.word) != std::string::npos;
  });
  if (rule == kCollectives.end() || kernel.group_size < 2) return std::nullopt;
  const auto format = input_format(kernel, 0);
  const double elements = rule->counts_output ? kernel.elements_out : kernel.elements_in;
  if (!format || !(elements > 0)) return std::nullopt;
  TracedShape out;
  out.entry.op = rule->op;
  out.entry.axes = {{"num_gpus", extent(kernel.group_size)},
                    {"bytes", elements * bytes_per_element(*format)}};
  return out;
}

}  // namespace

std::optional<TracedShape> traced_shape(const TracedKernel& kernel, KernelClass what) {
  std::optional<TracedShape> out;
  switch (what) {
    case KernelClass::gemm:
    case KernelClass::grouped_gemm:
      out = traced_product(kernel);
      break;
    case KernelClass::attention_forward:
    case KernelClass::attention_backward:
      out = traced_attention(kernel);
      break;
    case KernelClass::collective:
      out = traced_collective(kernel);
      break;
    default:
      break;
  }
  const auto is_positive = [](const auto& axis) { return axis.second > 0; };
  if (out && !std::all_of(out->entry.axes.begin(), out->entry.axes.end(), is_positive)) return std::nullopt;
  return out;
}

}  // namespace moesim
