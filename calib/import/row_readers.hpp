#pragma once

#include <optional>
#include <string_view>

#include "calib/import/expert_load.hpp"
#include "calib/import/kernel_row.hpp"
#include "calib/import/kernel_table.hpp"

namespace moesim {

inline constexpr double kHalfBytes = 2;  ///< of a BF16 or FP16 number

/// The columns of one row by name.
struct Fields {
  const KernelTable& table;
  std::size_t row;
  ExpertLoads& loads;

  [[nodiscard]] std::string_view text(std::string_view name) const {
    return table.text(row, table.column(name));
  }
  [[nodiscard]] double positive(std::string_view name) const {
    return table.positive(row, table.column(name));
  }
  [[nodiscard]] double number(std::string_view name) const { return table.number(row, table.column(name)); }
};

/// Formats as the tables name them; nothing for one that no operator of a profile has.
std::optional<NumberFormat> format_of(std::string_view name);

/// A row of one kind of table; nothing for a format, mask or load that no operator of a profile has.
std::optional<KernelRow> read_gemm(const Fields& fields);
std::optional<KernelRow> read_attention(const Fields& fields);
std::optional<KernelRow> read_latent_attention(const Fields& fields);
std::optional<KernelRow> read_nccl(const Fields& fields);
std::optional<KernelRow> read_experts(const Fields& fields);
std::optional<KernelRow> read_batched_gemm(const Fields& fields);
std::optional<KernelRow> read_custom_all_reduce(const Fields& fields);
/// These set `seconds` themselves, as their tables have a time for each direction.
std::optional<KernelRow> read_low_latency_dispatch(const Fields& fields);
std::optional<KernelRow> read_low_latency_combine(const Fields& fields);
std::optional<KernelRow> read_normal_dispatch(const Fields& fields);
std::optional<KernelRow> read_normal_combine(const Fields& fields);

/// Leaves out fused experts in BF16 that reach less than 0.3 of the peak at their best load: Triton runs
/// shapes that nobody tuned with tiles of 64 x 64 x 32. Returns how many.
std::size_t leave_out_untuned(std::vector<KernelRow>& rows, const GpuFacts& gpu);

}  // namespace moesim
