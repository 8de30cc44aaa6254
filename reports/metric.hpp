#pragma once

#include <string>
#include <string_view>

namespace moesim {

/// What the number under a key of a result counts. Keys carry their unit (docs/metrics.md).
enum class MetricUnit {
  count,
  seconds,
  bytes,
  bytes_per_second,
  fraction,
  gpu_hours,
  dollars,
  joules,
  watts,
  teraflops
};

/// The unit that a dotted key names, by its last part that names one: "phases_s.forward" is seconds. Rates of
/// anything but bytes ("tokens_per_s") are counts.
MetricUnit unit_of_key(std::string_view key);

/// Four digits with a fitting prefix: "17.31 s", "74.9 GB", "36.2 %", "172.3 K GPU-hours", "62.91 M".
/// Counts below 100,000 that are whole are exact.
std::string metric_text(double value, MetricUnit unit);

/// "+4.2 %", "-0.3 %", with its sign.
std::string signed_percent(double fraction);

/// What a reader calls one part of a key, without its unit: "step_time_s" is "step time".
std::string metric_label(std::string_view part);

}  // namespace moesim
