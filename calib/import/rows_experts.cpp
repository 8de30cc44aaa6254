// Rows of expert tables.
#include <algorithm>

#include "calib/import/row_readers.hpp"

namespace moesim {

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

}  // namespace moesim
