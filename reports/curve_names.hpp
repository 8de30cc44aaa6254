#pragma once

#include <span>
#include <string>
#include <string_view>

#include "reports/metric.hpp"

namespace moesim {

/// What readers call a kind of curve.
struct CurveKind {
  std::string_view key;    ///< "ttft_p99" of "prefill/ttft_p99"
  std::string_view group;  ///< "Latency"
  std::string_view title;  ///< "TTFT": curves of one title share a plot
  std::string_view part;   ///< "p99": which of the curves of a title; empty where there is one
  MetricUnit unit = MetricUnit::count;
  std::string_view unit_text{};  ///< of counts: "tokens/s"
  bool is_main = true;           ///< shown before anything is chosen
};

/// All kinds that serving and routing record, in the order in which they are shown.
std::span<const CurveKind> curve_kinds();

/// The name of a curve in a record file, taken apart.
struct CurveName {
  std::string place;                ///< pool, or "layer 3"; empty: of the whole run
  std::string key;                  ///< "ttft_p99"
  const CurveKind* kind = nullptr;  ///< null: not in the table
};
CurveName curve_name(std::string_view name);

/// Place among curve_kinds(), its size for one that is not there.
std::size_t curve_order(const CurveName& name);
/// "TTFT"; a label of the key for one that is not in the table.
std::string curve_title(const CurveName& name);
/// What tells a curve from others of its title: "prefill, p99"; empty where nothing has to.
std::string curve_label(const CurveName& name);
/// That of the table, else by the unit that was recorded and the key.
MetricUnit curve_unit(const CurveName& name, std::string_view recorded);

}  // namespace moesim
