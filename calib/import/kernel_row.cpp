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
    row->line = table.line(i);
    row->kernel = fmt::format("{} {} {}", fields.text("framework"), fields.text("version"),
                              fields.text("kernel_source"));
    out.rows.push_back(std::move(*row));
  }
  return out;
}

std::optional<std::string> impossibility(const KernelRow& row, const GpuFacts& gpu) {
  return impossibility({row.flops, row.hbm_bytes, row.link_bytes}, row.format, row.seconds, gpu);
}

}  // namespace moesim
