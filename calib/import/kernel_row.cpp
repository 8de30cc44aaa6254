#include "calib/import/kernel_row.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/error.hpp"
#include "calib/import/row_readers.hpp"
#include "calib/profile/claimed_work.hpp"

namespace moesim {

namespace {

constexpr double kMillisecond = 1e-3;

/// A kind of table: the column that only it has, and its reader.
struct TableKind {
  std::string_view name;
  std::string_view mark;
  std::optional<KernelRow> (*read)(const Fields& fields);
  std::optional<KernelRow> (*also)(const Fields& fields) = nullptr;  ///< a second row of each line
};
constexpr auto kTableKinds = std::to_array<TableKind>(
    {{"gemm", "gemm_dtype", read_gemm},
     {"attention", "attn_dtype", read_attention},
     {"latent attention", "mla_dtype", read_latent_attention},
     {"nccl", "nccl_dtype", read_nccl},
     {"expert", "moe_dtype", read_experts},
     {"mla_bmm", "bmm_dtype", read_batched_gemm},
     {"custom_allreduce", "allreduce_dtype", read_custom_all_reduce},
     {"wideep_deepep_ll", "dispatch_avg_t_us", read_low_latency_dispatch, read_low_latency_combine},
     {"wideep_deepep_normal", "dispatch_transmit_us", read_normal_dispatch, read_normal_combine}});

const TableKind& kind_of(const KernelTable& table) {
  for (const TableKind& kind : kTableKinds) {
    if (table.has_column(kind.mark)) return kind;
  }
  std::vector<std::string> known;
  for (const TableKind& kind : kTableKinds) known.push_back(fmt::format("{} ({})", kind.name, kind.mark));
  throw SpecError(table.file(), "line 1", "no table that can be imported",
                  fmt::format("tables and the columns that tell them: {}", fmt::join(known, ", ")));
}

/// Adds what a reader made of a line; readers that set no time leave it to the column "latency".
void add_row(std::optional<KernelRow> row, const Fields& fields, KernelRows& out) {
  ++out.num_read;
  double seconds = row ? row->seconds : 0;
  if (seconds == 0 && fields.table.has_column("latency")) seconds = fields.positive("latency") * kMillisecond;
  if (!row) {
    ++out.num_unused;
    return;
  }
  row->seconds = seconds;
  row->line = fields.table.line(fields.row);
  row->kernel =
      fmt::format("{} {} {}", fields.text("framework"), fields.text("version"), fields.text("kernel_source"));
  out.rows.push_back(std::move(*row));
}

}  // namespace

KernelRows read_kernel_rows(const KernelTable& table) {
  const TableKind& kind = kind_of(table);
  KernelRows out{table.file(), "", std::string(kind.name), {}, 0, 0};
  ExpertLoads loads;
  for (std::size_t i = 0; i < table.num_rows(); ++i) {
    const Fields fields{table, i, loads};
    const auto device = fields.text("device");
    if (i == 0) out.device = device;
    if (device != out.device)
      throw SpecError(table.file(), table.place(i), fmt::format("'{}' behind '{}'", device, out.device),
                      "import the tables of one GPU at a time");
    add_row(kind.read(fields), fields, out);
    if (kind.also != nullptr) add_row(kind.also(fields), fields, out);
  }
  return out;
}

std::optional<std::string> impossibility(const KernelRow& row, const GpuFacts& gpu) {
  return impossibility({row.flops, row.hbm_bytes, row.link_bytes}, row.format, row.seconds, gpu);
}

}  // namespace moesim
