#include "reports/metric.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <span>
#include <vector>

#include <fmt/format.h>

namespace moesim {
namespace {

struct UnitWord {
  std::string_view words;  ///< between underscores
  MetricUnit unit;
};

/// The first row whose words a key holds decides.
constexpr std::array<UnitWord, 11> kUnitWords{{
    {"B_per_s", MetricUnit::bytes_per_second},
    {"per_s", MetricUnit::count},
    {"tflops", MetricUnit::teraflops},
    {"mfu", MetricUnit::fraction},
    {"fraction", MetricUnit::fraction},
    {"gpu_hours", MetricUnit::gpu_hours},
    {"usd", MetricUnit::dollars},
    {"J", MetricUnit::joules},
    {"W", MetricUnit::watts},
    {"B", MetricUnit::bytes},
    {"s", MetricUnit::seconds},
}};

/// Keys of positions, which count whatever their parent's unit is.
constexpr std::array<std::string_view, 4> kPositions{"stage", "stages", "layer", "rank"};

/// Labels that a key does not spell out.
constexpr std::array<std::pair<std::string_view, std::string_view>, 12> kLabels{{
    {"items_B", "items of the fullest rank"},
    {"phases_s", "phases of the first pipeline rank"},
    {"phases_mean_s", "phases, mean over pipeline ranks"},
    {"bubble_fraction", "bubble of the first pipeline rank"},
    {"bubble_fraction_mean", "bubble, mean over pipeline ranks"},
    {"layer_pair_s", "one overlapped layer"},
    {"mfu_causal", "MFU, causal"},
    {"mfu_noncausal", "MFU, non-causal"},
    {"tflops_per_gpu_causal", "rate per GPU, causal"},
    {"tflops_per_gpu_noncausal", "rate per GPU, non-causal"},
    {"tokens_per_s", "tokens per second"},
    {"tokens_per_s_per_gpu", "tokens per second and GPU"},
}};

constexpr std::array<std::pair<std::string_view, std::string_view>, 7> kWords{{
    {"gpu", "GPU"},
    {"gpus", "GPUs"},
    {"kv", "KV"},
    {"mlp", "MLP"},
    {"slo", "SLO"},
    {"mfu", "MFU"},
    {"nic", "NIC"},
}};

/// Whether `words` stand in `part`, bounded by underscores or its ends.
bool holds_words(std::string_view part, std::string_view words) {
  for (std::size_t at = part.find(words); at != std::string_view::npos; at = part.find(words, at + 1)) {
    const std::size_t end = at + words.size();
    if ((at == 0 || part[at - 1] == '_') && (end == part.size() || part[end] == '_')) return true;
  }
  return false;
}

std::optional<MetricUnit> unit_of_part(std::string_view part) {
  if (std::ranges::find(kPositions, part) != kPositions.end()) return MetricUnit::count;
  for (const UnitWord& row : kUnitWords) {
    if (holds_words(part, row.words)) return row.unit;
  }
  return std::nullopt;
}

struct Prefix {
  double factor;
  std::string_view text;
};
constexpr std::array<Prefix, 5> kThousands{{{1e12, "T"}, {1e9, "G"}, {1e6, "M"}, {1e3, "K"}, {1, ""}}};
constexpr std::array<Prefix, 5> kSiLarge{{{1e12, "T"}, {1e9, "G"}, {1e6, "M"}, {1e3, "k"}, {1, ""}}};
constexpr std::array<Prefix, 4> kSmall{{{1, ""}, {1e-3, "m"}, {1e-6, "u"}, {1e-9, "n"}}};

/// "62.91 M", "1.5 k"; the unit is put behind the prefix.
std::string prefixed(double value, std::span<const Prefix> prefixes, std::string_view unit) {
  const Prefix* chosen = &prefixes.back();
  for (const Prefix& prefix : prefixes) {
    if (std::abs(value) >= prefix.factor * 0.99995) {
      chosen = &prefix;
      break;
    }
  }
  if (value == 0) chosen = nullptr;
  const std::string number = fmt::format("{:.4g}", chosen ? value / chosen->factor : value);
  const std::string suffix = fmt::format("{}{}", chosen ? chosen->text : "", unit);
  return suffix.empty() ? number : number + ' ' + suffix;
}

std::string seconds_text(double value) {
  constexpr double kHour = 3600;
  if (std::abs(value) >= 2 * kHour) return prefixed(value / kHour, kThousands, "h");
  return prefixed(value, kSmall, "s");
}

std::string percent_text(double fraction) {
  const double percent = 100 * fraction;
  return std::abs(percent) >= 1 || percent == 0 ? fmt::format("{:.1f} %", percent)
                                                : fmt::format("{:.2g} %", percent);
}

std::string count_text(double value) {
  constexpr double kExact = 100'000;
  if (std::abs(value) < kExact && value == std::floor(value)) return fmt::format("{:.0f}", value);
  return prefixed(value, kThousands, "");
}

}  // namespace

MetricUnit unit_of_key(std::string_view key) {
  while (!key.empty()) {
    const std::size_t dot = key.rfind('.');
    if (const auto unit = unit_of_part(key.substr(dot == std::string_view::npos ? 0 : dot + 1))) return *unit;
    key = key.substr(0, dot == std::string_view::npos ? 0 : dot);
  }
  return MetricUnit::count;
}

std::string metric_text(double value, MetricUnit unit) {
  switch (unit) {
    case MetricUnit::count:
      return count_text(value);
    case MetricUnit::seconds:
      return seconds_text(value);
    case MetricUnit::bytes:
      return prefixed(value, kSiLarge, "B");
    case MetricUnit::bytes_per_second:
      return prefixed(value, kSiLarge, "B/s");
    case MetricUnit::fraction:
      return percent_text(value);
    case MetricUnit::gpu_hours:
      return prefixed(value, kThousands, value < 1e3 ? "GPU-hours" : " GPU-hours");
    case MetricUnit::dollars:
      return "$" + prefixed(value, kThousands, "");
    case MetricUnit::joules:
      return prefixed(value, value < 1 ? std::span<const Prefix>(kSmall) : kSiLarge, "J");
    case MetricUnit::watts:
      return prefixed(value, kSiLarge, "W");
    case MetricUnit::teraflops:
      return fmt::format("{:.4g} TFLOP/s", value);
  }
  return fmt::format("{}", value);
}

std::string signed_percent(double fraction) {
  return fmt::format("{:+.1f} %", 100 * fraction);
}

std::string metric_label(std::string_view part) {
  for (const auto& [key, label] : kLabels) {
    if (key == part) return std::string(label);
  }
  std::string text;
  std::string_view previous;
  for (std::size_t at = 0; at <= part.size();) {
    const std::size_t end = std::min(part.find('_', at), part.size());
    std::string_view word = part.substr(at, end - at);
    at = end + 1;
    const bool is_rate = previous == "per";
    previous = word;
    if (word == "s" && is_rate) word = "second";
    if (word == "s" || word == "B" || word == "J" || word == "W" || word == "usd" || word == "fraction")
      continue;
    for (const auto& [from, to] : kWords) {
      if (from == word) word = to;
    }
    if (word == "hours" && text.ends_with("GPU"))
      text += '-';
    else if (!text.empty())
      text += ' ';
    text += word;
  }
  return text.empty() ? std::string(part) : text;
}

}  // namespace moesim
