#pragma once

#include <optional>
#include <string_view>

#include "calib/import/kernel_row.hpp"
#include "calib/import/kernel_table.hpp"

namespace moesim {

inline constexpr double kHalfBytes = 2;  ///< of a BF16 or FP16 number

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

/// Formats as the tables name them; nothing for one that no operator of a profile has.
std::optional<NumberFormat> format_of(std::string_view name);

/// A row of one kind of table; nothing for a format, mask or load that no operator of a profile has.
std::optional<KernelRow> read_gemm(const Fields& fields);
std::optional<KernelRow> read_attention(const Fields& fields);
std::optional<KernelRow> read_nccl(const Fields& fields);
std::optional<KernelRow> read_experts(const Fields& fields);

}  // namespace moesim
