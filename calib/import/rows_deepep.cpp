// Rows of tables of DeepEP and of small kernels of serving engines.
#include <algorithm>

#include "calib/import/row_readers.hpp"
#include "calib/profile/transfer_curves.hpp"

namespace moesim {

namespace {

constexpr double kMicrosecond = 1e-6;
constexpr double kMostNodes = 4;  // rows of 8 nodes are waiting: DeepEP's own figures are twice as fast
constexpr double kLeastExperts = 32;
constexpr double kLatentWidth = 512;
constexpr double kHeadWidth = 128;

/// GPUs of a node that the tables' ranks fill.
double gpus_per_node(const Fields& fields) {
  return fields.text("device").find("GB200") == std::string_view::npos ? 8 : 4;
}

KernelRow transfer_row(const Fields& fields, TransferShape shape, std::string_view time) {
  const double nodes = fields.positive("node_num");
  shape.ep = nodes * gpus_per_node(fields);
  shape.tokens = fields.positive("num_token");
  shape.top_k = fields.positive("num_topk");
  shape.hidden = fields.positive("hidden_size");
  KernelRow row{.op = shape.op,
                .format = shape.is_combine() ? NumberFormat::bf16 : NumberFormat::fp8,
                .axes = {shape.ep, shape.tokens, shape.top_k, shape.hidden}};
  row.seconds = fields.positive(time) * kMicrosecond;
  const double rows = shape.is_low_latency() ? shape.top_k : distinct_groups(shape.ep, shape.top_k);
  if (nodes == 1) row.link_bytes = shape.tokens * rows * shape.row_bytes() * (1 - 1 / shape.ep);
  return row;
}

/// Low-latency kernels give each expert its share of SMs: groups of a few experts run on few SMs.
std::optional<KernelRow> low_latency_row(const Fields& fields, TimedOperator op, std::string_view time) {
  const double experts = fields.positive("num_experts");
  if (experts < kLeastExperts) return std::nullopt;
  KernelRow row = transfer_row(fields, {op}, time);
  row.axes.push_back(experts);
  return row;
}

std::optional<KernelRow> normal_row(const Fields& fields, TimedOperator op, std::string_view time,
                                    std::string_view sms) {
  if (fields.positive("node_num") > kMostNodes) return std::nullopt;
  KernelRow row = transfer_row(fields, {op}, time);
  row.axes.push_back(fields.positive(sms));
  return row;
}

}  // namespace

std::optional<KernelRow> read_low_latency_dispatch(const Fields& fields) {
  return low_latency_row(fields, TimedOperator::dispatch_low_latency, "dispatch_avg_t_us");
}

std::optional<KernelRow> read_low_latency_combine(const Fields& fields) {
  return low_latency_row(fields, TimedOperator::combine_low_latency, "combine_avg_t_us");
}

/// Without notify, which waits for peers.
std::optional<KernelRow> read_normal_dispatch(const Fields& fields) {
  return normal_row(fields, TimedOperator::dispatch_normal, "dispatch_transmit_us", "dispatch_sms");
}

std::optional<KernelRow> read_normal_combine(const Fields& fields) {
  return normal_row(fields, TimedOperator::combine_normal, "combine_transmit_us", "combine_sms");
}

/// The absorbed projections of latent attention: into the latent space before the core, out of it behind.
std::optional<KernelRow> read_batched_gemm(const Fields& fields) {
  const auto format =
      fields.text("bmm_dtype") == "fp8" ? NumberFormat::fp8 : format_of(fields.text("bmm_dtype"));
  if (!format) return std::nullopt;
  const double heads = fields.positive("num_heads"), tokens = fields.positive("num_tokens");
  const bool before = fields.text("op_name") == "mla_gen_pre";
  const double n = before ? kLatentWidth : kHeadWidth, k = before ? kHeadWidth : kLatentWidth;
  KernelRow row{.op = TimedOperator::batched_gemm, .format = *format, .axes = {heads, tokens, n, k}};
  row.flops = 2 * heads * tokens * n * k;
  row.hbm_bytes = heads * n * k * bytes_per_element(*format);
  return row;
}

/// Rows in a CUDA graph; message_size counts elements.
std::optional<KernelRow> read_custom_all_reduce(const Fields& fields) {
  if (!fields.text("backend").ends_with("graph") || fields.text("allreduce_dtype") != "bfloat16")
    return std::nullopt;
  const double num_gpus = fields.positive("num_gpus");
  const double bytes = kHalfBytes * fields.positive("message_size");
  KernelRow row{.op = TimedOperator::custom_all_reduce, .axes = {num_gpus, bytes}};
  row.link_bytes = bytes * (num_gpus - 1) / num_gpus;
  return row;
}

}  // namespace moesim
