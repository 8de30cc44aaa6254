#include "reports/curve_names.hpp"

#include <algorithm>
#include <array>

namespace moesim {
namespace {

using enum MetricUnit;
constexpr auto kKinds = std::to_array<CurveKind>({
    {"output_tokens_per_s", "Throughput", "Output tokens", "", count, "tokens/s"},
    {"input_tokens_per_s", "Throughput", "Prompt tokens", "", count, "tokens/s"},
    {"mfu", "Throughput", "MFU", "", fraction},
    {"ttft_p50", "Latency", "TTFT", "p50", seconds},
    {"ttft_p99", "Latency", "TTFT", "p99", seconds},
    {"tpot_p50", "Latency", "TPOT", "p50", seconds},
    {"tpot_p99", "Latency", "TPOT", "p99", seconds},
    {"step_time", "Latency", "Iteration time", "", seconds, {}, false},
    {"queue", "Load", "Waiting requests", "", count, "requests"},
    {"running", "Load", "Decoding sequences", "", count, "sequences"},
    {"nodes", "Load", "Nodes", "", count, "nodes", false},
    {"expert_time_over_balanced", "Load", "Expert time over balanced", "", count, {}, false},
    {"kv_used_fraction", "Caches", "KV cache used", "", fraction},
    {"prefix_hit_fraction", "Caches", "Prefix hits", "", fraction},
    {"max_violation_batch", "Balance", "MaxVio", "", count},
    {"balancedness", "Balance", "Balancedness", "", count},
    {"imbalance.rank", "Balance", "Imbalance", "GPUs", count},
    {"imbalance.node", "Balance", "Imbalance", "nodes", count},
    {"imbalance.rank_after_eplb", "Balance", "Imbalance", "GPUs after EPLB", count},
    {"imbalance.slot_after_eplb", "Balance", "Imbalance", "slots after EPLB", count},
    {"dropped_fraction", "Gate", "Dropped choices", "", fraction},
    {"loss", "Gate", "Balance loss", "", count},
    {"replan.moved_B", "Replanning", "Moved weights", "", bytes},
    {"replan.move_time_s", "Replanning", "Time of moving", "", seconds},
});

}  // namespace

std::span<const CurveKind> curve_kinds() {
  return kKinds;
}

CurveName curve_name(std::string_view name) {
  CurveName parts;
  const std::size_t slash = name.rfind('/');
  if (slash != std::string_view::npos) {
    parts.place = name.substr(0, slash);
    name.remove_prefix(slash + 1);
  }
  constexpr std::string_view kLayer = ".layer_";
  const std::size_t layer = name.find(kLayer);
  if (layer != std::string_view::npos) {
    parts.place = "layer " + std::string(name.substr(layer + kLayer.size()));
    name = name.substr(0, layer);
  }
  parts.key = name;
  const auto kind = std::ranges::find(kKinds, name, &CurveKind::key);
  if (kind != kKinds.end()) parts.kind = &*kind;
  return parts;
}

std::size_t curve_order(const CurveName& name) {
  return name.kind != nullptr ? static_cast<std::size_t>(name.kind - kKinds.data()) : kKinds.size();
}

std::string curve_title(const CurveName& name) {
  return name.kind != nullptr ? std::string(name.kind->title) : metric_label(name.key);
}

std::string curve_label(const CurveName& name) {
  std::string label = name.place;
  if (name.kind == nullptr || name.kind->part.empty()) return label;
  if (!label.empty()) label += ", ";
  return label + std::string(name.kind->part);
}

MetricUnit curve_unit(const CurveName& name, std::string_view recorded) {
  if (name.kind != nullptr) return name.kind->unit;
  if (recorded == "s") return MetricUnit::seconds;
  if (recorded == "B") return MetricUnit::bytes;
  if (recorded == "B/s") return MetricUnit::bytes_per_second;
  const bool is_plain = recorded.empty() || recorded == "1";
  return is_plain && unit_of_key(name.key) == MetricUnit::fraction ? MetricUnit::fraction : MetricUnit::count;
}

}  // namespace moesim
