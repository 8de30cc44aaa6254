// Rows of tables of collectives.
#include <algorithm>
#include <array>

#include "calib/import/row_readers.hpp"

namespace moesim {

namespace {

struct NcclOperation {
  std::string_view name;
  TimedOperator op;
};
constexpr std::array<NcclOperation, 4> kNcclOperations{{{"all_reduce", TimedOperator::all_reduce},
                                                        {"all_gather", TimedOperator::all_gather},
                                                        {"reduce_scatter", TimedOperator::reduce_scatter},
                                                        {"alltoall", TimedOperator::all_to_all}}};

}  // namespace

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

}  // namespace moesim
