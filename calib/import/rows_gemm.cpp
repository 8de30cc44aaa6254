// Rows of GEMM tables.
#include "calib/import/row_readers.hpp"

namespace moesim {

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

}  // namespace moesim
