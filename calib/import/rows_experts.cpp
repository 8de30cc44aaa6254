// Rows of expert tables.
#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <map>

#include <fmt/format.h>

#include "calib/import/expert_load.hpp"
#include "calib/import/row_readers.hpp"
#include "calib/profile/expert_curves.hpp"

namespace moesim {

namespace {

constexpr std::string_view kPowerLaw = "power_law_";
constexpr double kTile = 128;  // rows of a tile of the contiguous grouped GEMM
// Of the peak: what no tile size of its own reaches less than at its best load.
constexpr double kTunedShare = 0.3;
constexpr double kMostShards = 8;  // a node

/// What all expert tables say of a row.
struct ExpertRow {
  double tokens, hidden, inter, top_k, experts, tp, ep;
  std::string_view load;

  explicit ExpertRow(const Fields& fields)
      : tokens(fields.positive("num_tokens")),
        hidden(fields.positive("hidden_size")),
        inter(fields.positive("inter_size")),
        top_k(fields.positive("topk")),
        experts(fields.positive("num_experts")),
        tp(fields.positive("moe_tp_size")),
        ep(fields.positive("moe_ep_size")),
        load(fields.text("distribution")) {}

  [[nodiscard]] LoadRule rule() const {
    return {static_cast<std::int64_t>(tokens), static_cast<std::int64_t>(experts),
            static_cast<std::int64_t>(top_k), static_cast<std::int64_t>(ep)};
  }
  /// 0 where the load is no power law.
  [[nodiscard]] double alpha() const {
    double alpha = 0;
    if (load.starts_with(kPowerLaw))
      std::from_chars(load.data() + kPowerLaw.size(), load.data() + load.size(), alpha);
    return alpha;
  }
  /// Experts of relu^2 without a gate have two matrices (Nemotron).
  [[nodiscard]] bool is_gated() const { return top_k != 22 && !(hidden == 2688 && inter == 1856); }
  /// Timed behind the gate of DeepSeek-V3, which keeps 4 of 8 groups of a token.
  [[nodiscard]] bool is_group_limited() const {
    return experts == 256 && top_k == 8 && hidden == 7168 && inter == 2048;
  }
};

std::string_view fused_kernel(std::string_view source) {
  if (source == "sglang_fused_moe_triton") return kExpertsFused;
  if (source == "sglang_flashinfer_trtllm_moe") return kExpertsFusedTrtllm;
  return {};
}

/// All experts on one GPU, in one kernel with its gate.
std::optional<KernelRow> fused_row(const ExpertRow& row, std::string_view kernel, ExpertLoads& loads) {
  const double alpha = row.alpha();
  const bool stated = row.load == "balanced" || alpha > 0;
  if (kernel.empty() || row.ep != 1 || row.tp > kMostShards || !row.is_gated() || !stated)
    return std::nullopt;
  const ExpertLoad& load = loads.load(row.rule(), alpha, row.is_group_limited());
  KernelRow out{.op = TimedOperator::expert_mlp, .axes = {}};
  out.name = kernel;
  out.group = fmt::format("{} {} {} {}", row.experts, row.hidden, row.inter, row.tp);
  out.axes = {row.hidden, row.inter / row.tp, load.touched, load.rows, load.max_rows};
  out.regraded = alpha == 0 && load.touched < std::min(row.experts, row.tokens * row.top_k);
  return out;
}

/// Uniform rows of one GPU of a group: as many whole ones for each of its experts as there are; the masked
/// kernel gives one each to the first experts where there are fewer than experts.
ExpertLoad uniform_load(const ExpertRow& row, bool masked) {
  const double local = row.experts / row.ep;
  const double each = std::floor(row.tokens * row.top_k / row.experts);
  if (each > 0) return {each * local, local, each};
  const double rows = masked ? std::min(local, std::floor(row.tokens * row.top_k / row.ep)) : 0;
  return {rows, rows, 1};
}

/// One GPU of a group, the fullest, with rows as DeepEP leaves them: contiguous or masked.
std::optional<KernelRow> group_row(const ExpertRow& row, bool masked, ExpertLoads& loads) {
  const double alpha = row.alpha();
  if (row.tp != 1 || !(row.load == "uniform" || alpha > 0)) return std::nullopt;
  ExpertLoad load = alpha > 0 ? loads.load(row.rule(), alpha, false) : uniform_load(row, masked);
  if (load.rows <= 0) return std::nullopt;
  KernelRow out{.op = TimedOperator::expert_mlp, .axes = {}};
  out.name = masked ? kExpertsLowLatency : kExpertsNormal;
  // Uniform rows are not padded to tiles, and a tile reads the weights of one expert.
  if (!masked && alpha == 0 && std::fmod(load.max_rows, kTile) != 0) {
    const double tiles = std::min(load.touched, std::ceil(load.rows / kTile));
    out.regraded = tiles < load.touched;
    load.touched = tiles;
    load.max_rows = load.rows / tiles;
  }
  out.axes = {row.hidden, row.inter, load.touched, load.rows, load.max_rows};
  if (!masked) out.axes.push_back(row.tokens);
  return out;
}

}  // namespace

/// Experts of one GPU with the load that the benchmark made, which expert_load.hpp says.
std::optional<KernelRow> read_experts(const Fields& fields) {
  const ExpertRow row(fields);
  const auto format = format_of(fields.text("moe_dtype"));
  if (!format) return std::nullopt;
  const auto op = fields.text("op_name");
  auto out = op == "moe_context" || op == "moe_generation"
                 ? group_row(row, op == "moe_generation", fields.loads)
                 : fused_row(row, fused_kernel(fields.text("kernel_source")), fields.loads);
  if (!out) return std::nullopt;
  out->format = *format;
  ExpertShape shape{*format, out->axes[0], out->axes[1], out->axes[2], out->axes[3]};
  out->flops = shape.flops();
  out->hbm_bytes = shape.weight_bytes();
  return out;
}

std::size_t leave_out_untuned(std::vector<KernelRow>& rows, const GpuFacts& gpu) {
  std::map<std::string, double> best;
  const auto may_be_untuned = [](const KernelRow& row) {
    return row.op == TimedOperator::expert_mlp && row.name == kExpertsFused &&
           row.format == NumberFormat::bf16;
  };
  for (const KernelRow& row : rows) {
    if (may_be_untuned(row)) best[row.group] = std::max(best[row.group], row.flops / row.seconds);
  }
  const double least = kTunedShare * gpu.peak_bf16.value();
  return std::erase_if(rows,
                       [&](const KernelRow& row) { return may_be_untuned(row) && best[row.group] < least; });
}

}  // namespace moesim
