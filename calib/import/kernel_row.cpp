#include "calib/import/kernel_row.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/error.hpp"

namespace moesim {

namespace {

constexpr double kMillisecond = 1e-3;
constexpr double kHalfBytes = 2;

/// The columns of one row by name.
struct Fields {
  const KernelTable& table;
  std::size_t row;

  [[nodiscard]] std::string_view text(std::string_view name) const {
    return table.text(row, table.column(name));
  }
  [[nodiscard]] double positive(std::string_view name) const {
    return table.positive(row, table.column(name));
  }
  [[nodiscard]] double number(std::string_view name) const { return table.number(row, table.column(name)); }
};

std::optional<NumberFormat> format_of(std::string_view name) {
  if (name == "bfloat16") return NumberFormat::bf16;
  if (name == "fp8_block") return NumberFormat::fp8;  // 1x128 activations, 128x128 weights
  return std::nullopt;
}

std::optional<KernelRow> read_gemm(const Fields& fields) {
  const double m = fields.positive("m"), n = fields.positive("n"), k = fields.positive("k");
  const auto format = format_of(fields.text("gemm_dtype"));
  if (!format) return std::nullopt;
  const double element = bytes_per_element(*format);
  KernelRow row{.op = TimedOperator::gemm, .format = *format, .axes = {m, n, k}};
  row.flops = 2 * m * n * k;
  row.hbm_bytes = element * k * (m + n) + kHalfBytes * m * n;
  return row;
}

/// Heads of this width have values of another, which the table does not hold.
constexpr double kUnequalHead = 192;

/// Whole prompts in BF16, without window and earlier tokens.
std::optional<KernelRow> read_attention(const Fields& fields) {
  const double batch = fields.positive("batch_size"), length = fields.positive("isl"),
               heads = fields.positive("num_heads"), kv_heads = fields.positive("num_key_value_heads"),
               dim = fields.positive("head_dim");
  const bool whole = fields.number("step") == 0 && fields.number("window_size") == 0;
  const bool bf16 = fields.text("attn_dtype") == "bfloat16" && fields.text("kv_cache_dtype") == "bfloat16";
  if (!whole || !bf16 || dim == kUnequalHead || fields.text("op_name") != "context_attention")
    return std::nullopt;
  KernelRow row{.op = TimedOperator::gqa_prefill, .axes = {dim, heads, kv_heads, batch, length}};
  row.flops = 2 * batch * heads * dim * length * length;
  row.hbm_bytes = kHalfBytes * 2 * batch * length * dim * (heads + kv_heads);
  return row;
}

struct NcclOperation {
  std::string_view name;
  TimedOperator op;
};
constexpr std::array<NcclOperation, 4> kNcclOperations{{{"all_reduce", TimedOperator::all_reduce},
                                                        {"all_gather", TimedOperator::all_gather},
                                                        {"reduce_scatter", TimedOperator::reduce_scatter},
                                                        {"alltoall", TimedOperator::all_to_all}}};

/// message_size counts elements; those of a byte repeat the rows of two bytes.
std::optional<KernelRow> read_nccl(const Fields& fields) {
  const double num_gpus = fields.positive("num_gpus");
  const double bytes = kHalfBytes * fields.positive("message_size");
  const auto name = fields.text("op_name");
  const auto operation = std::find_if(kNcclOperations.begin(), kNcclOperations.end(),
                                      [&](const NcclOperation& row) { return row.name == name; });
  if (operation == kNcclOperations.end() || fields.text("nccl_dtype") != "half") return std::nullopt;
  KernelRow row{.op = operation->op, .axes = {num_gpus, bytes}};
  row.link_bytes = bytes * (num_gpus - 1) / num_gpus;  // an all-reduce in the switch sends no more
  return row;
}

/// Experts of one GPU whose load the table states: balanced over all of them, or uniform over a group.
std::optional<KernelRow> read_experts(const Fields& fields) {
  const double tokens = fields.positive("num_tokens"), hidden = fields.positive("hidden_size"),
               inter = fields.positive("inter_size"), top_k = fields.positive("topk"),
               experts = fields.positive("num_experts"), tp = fields.positive("moe_tp_size"),
               ep = fields.positive("moe_ep_size");
  const auto format = format_of(fields.text("moe_dtype"));
  const auto load = fields.text("distribution");
  const bool group = fields.text("op_name") == "moe_context";  // its tokens are those of all ep GPUs
  const bool stated = group ? load == "uniform" : load == "balanced" && ep == 1;
  if (!format || !stated || tp != 1) return std::nullopt;
  const double rows = tokens * top_k / ep;
  const double touched = std::min(experts / ep, rows);
  KernelRow row{.op = TimedOperator::expert_mlp, .format = *format, .axes = {hidden, inter, touched, rows}};
  row.flops = 6 * rows * hidden * inter;
  row.hbm_bytes = bytes_per_element(*format) * 3 * touched * hidden * inter;
  return row;
}

/// A kind of table: the column that only it has, and its reader.
struct TableKind {
  std::string_view name;
  std::string_view mark;
  std::optional<KernelRow> (*read)(const Fields& fields);
};
constexpr std::array<TableKind, 4> kTableKinds{{{"gemm", "gemm_dtype", read_gemm},
                                                {"context_attention", "attn_dtype", read_attention},
                                                {"nccl", "nccl_dtype", read_nccl},
                                                {"expert", "moe_dtype", read_experts}}};

const TableKind& kind_of(const KernelTable& table) {
  for (const TableKind& kind : kTableKinds) {
    if (table.has_column(kind.mark)) return kind;
  }
  std::vector<std::string> known;
  for (const TableKind& kind : kTableKinds) known.push_back(fmt::format("{} ({})", kind.name, kind.mark));
  throw SpecError(table.file(), "line 1", "no table that can be imported",
                  fmt::format("tables and the columns that tell them: {}", fmt::join(known, ", ")));
}

}  // namespace

KernelRows read_kernel_rows(const KernelTable& table) {
  const TableKind& kind = kind_of(table);
  KernelRows out{table.file(), "", std::string(kind.name), {}, table.num_rows(), 0};
  for (std::size_t i = 0; i < table.num_rows(); ++i) {
    const Fields fields{table, i};
    const auto device = fields.text("device");
    if (i == 0) out.device = device;
    if (device != out.device)
      throw SpecError(table.file(), table.place(i), fmt::format("'{}' behind '{}'", device, out.device),
                      "import the tables of one GPU at a time");
    const double seconds = fields.positive("latency") * kMillisecond;
    auto row = kind.read(fields);
    if (!row) {
      ++out.num_unused;
      continue;
    }
    row->seconds = seconds;
    row->slowest = seconds;
    row->line = table.line(i);
    row->kernel = fmt::format("{} {} {}", fields.text("framework"), fields.text("version"),
                              fields.text("kernel_source"));
    out.rows.push_back(std::move(*row));
  }
  return out;
}

std::optional<std::string> impossibility(const KernelRow& row, const GpuFacts& gpu) {
  const double peak = (row.format == NumberFormat::fp8 ? gpu.peak_fp8 : gpu.peak_bf16).value();
  if (row.flops / row.seconds > peak)
    return fmt::format("needs {:.0f} TFLOP/s of {:.0f}", row.flops / row.seconds / 1e12, peak / 1e12);
  const double hbm = gpu.hbm_bandwidth.value();
  if (row.hbm_bytes / row.seconds > hbm)
    return fmt::format("needs {:.0f} GB/s of HBM of {:.0f}", row.hbm_bytes / row.seconds / 1e9, hbm / 1e9);
  const double link = gpu.nvlink_bandwidth.value();
  if (row.link_bytes / row.seconds > link)
    return fmt::format("needs {:.0f} GB/s of NVLink of {:.0f}", row.link_bytes / row.seconds / 1e9,
                       link / 1e9);
  return std::nullopt;
}

}  // namespace moesim
