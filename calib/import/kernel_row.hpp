#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "calib/import/kernel_table.hpp"
#include "calib/profile/profile_file.hpp"

namespace moesim {

/// One measured kernel of a foreign table.
struct KernelRow {
  TimedOperator op = TimedOperator::gemm;
  NumberFormat format = NumberFormat::bf16;
  std::vector<double> axes;  ///< in the order of axes_of(op), then of optional_axes_of(op)
  double seconds = 0;
  std::string name{};     ///< of the kernel where points of one say nothing of another
  std::string group{};    ///< of rows that ran the same variant of it
  bool regraded = false;  ///< stands on axes that what ran explains, not on those that it claims
  std::string kernel{};   ///< framework, release and kernel
  std::size_t line = 0;
  double flops = 0;       ///< of the work that the row claims; 0 for communication
  double hbm_bytes = 0;   ///< least HBM traffic of that work
  double link_bytes = 0;  ///< least traffic of one GPU over NVLink in one direction
};

/// The rows of one table, and how many of it have no counterpart here.
struct KernelRows {
  std::string file;
  std::string device;  ///< as the table names it, one for all rows
  std::string table;   ///< "gemm", "context_attention", "nccl", "expert"
  std::vector<KernelRow> rows;
  std::size_t num_read = 0;    ///< lines, those of two times twice
  std::size_t num_unused = 0;  ///< formats, masks and load shapes that no operator of a profile has
};

/// Reads the rows of a table, whose kind follows from its columns. Throws SpecError for a kind that is not
/// known, naming those that are, and for wrong columns and numbers with the line.
KernelRows read_kernel_rows(const KernelTable& table);

/// Why a row cannot be: "needs 1204 TFLOP/s, the peak is 989"; nothing where it can.
std::optional<std::string> impossibility(const KernelRow& row, const GpuFacts& gpu);

}  // namespace moesim
