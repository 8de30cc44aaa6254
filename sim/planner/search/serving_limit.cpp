#include "sim/planner/search/serving_limit.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include <fmt/format.h>

#include "base/error.hpp"
#include "base/units.hpp"

namespace moesim {
namespace {

enum class Kind { time, fraction, bytes, number };

struct Name {
  std::string_view name;
  std::string_view figure;
  Kind dimension;
  bool of_user;
};
constexpr auto kNames =
    std::to_array<Name>({{"ttft", "ttft_s", Kind::time, false},
                         {"tpot", "tpot_s", Kind::time, true},
                         {"itl", "itl_s", Kind::time, true},
                         {"e2e", "e2e_s", Kind::time, true},
                         {"slo", "slo_attainment_fraction", Kind::fraction, true},
                         {"throughput", "tokens_per_s_per_gpu", Kind::number, false},
                         {"user", "tokens_per_s_per_user", Kind::number, true},
                         {"cost", "cost_usd_per_million_output_tokens", Kind::number, false},
                         {"energy", "energy_J_per_output_token", Kind::number, false},
                         {"memory", "memory_per_gpu_B", Kind::bytes, false},
                         {"batch", "max_batch", Kind::number, false},
                         {"gpus", "gpus", Kind::number, false}});
constexpr std::array<std::string_view, 4> kQuantiles{"mean", "p50", "p90", "p99"};
/// A mean may lie above a 99th percentile by what its tail adds (assumed).
constexpr double kTail = 1.1;

[[noreturn]] void refuse(const std::string& origin, std::string_view text, const std::string& what,
                         const std::string& hint) {
  throw SpecError("", "", fmt::format("{} {}: {}", origin, text, what), hint);
}

const Name& name_of(std::string_view word, std::string_view text, const std::string& origin) {
  std::vector<std::string_view> known;
  for (const Name& name : kNames) {
    if (name.name == word) return name;
    known.push_back(name.name);
  }
  const std::string near = nearest(word, std::span<const std::string_view>(known));
  refuse(origin, text, fmt::format("no figure \"{}\" of serving", word),
         near.empty() ? fmt::format("figures: {}", fmt::join(known, ", "))
                      : fmt::format("did you mean \"{}\"?", near));
}

double number_of(const std::string& value, std::string_view text, const std::string& origin) {
  double number = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  if (error != std::errc{} || end != value.data() + value.size() || !std::isfinite(number))
    refuse(origin, text, fmt::format("\"{}\" is no number", value), "give a plain number, as 0.99");
  return number;
}

double quantity_of(const Name& name, const std::string& value, std::string_view text,
                   const std::string& origin) {
  try {
    if (name.dimension == Kind::time) return parse<Seconds>(value).value();
    if (name.dimension == Kind::bytes) return parse<Bytes>(value).value();
  } catch (const UnitError& error) {
    refuse(origin, text, error.what(), error.hint);
  }
  return number_of(value, text, origin);
}

}  // namespace

ServingLimit read_serving_limit(std::string_view text, const std::string& origin) {
  const std::size_t at = text.find_first_of("<>");
  if (at == std::string_view::npos || at + 1 >= text.size() || text[at + 1] != '=')
    refuse(origin, text, "no limit", "write NAME<=VALUE or NAME>=VALUE, as ttft<=2s@p99");
  ServingLimit limit;
  limit.text = std::string(text);
  limit.at_most = text[at] == '<';
  const Name& name = name_of(text.substr(0, at), text, origin);
  std::string value(text.substr(at + 2));
  std::string quantile;
  if (const std::size_t sign = value.find('@'); sign != std::string::npos) {
    quantile = value.substr(sign + 1);
    value.resize(sign);
    const bool timed = name.dimension == Kind::time;
    if (!timed || std::ranges::find(kQuantiles, quantile) == kQuantiles.end()) {
      refuse(origin, text, fmt::format("no \"@{}\" of {}", quantile, name.name),
             fmt::format("times have @{}", fmt::join(kQuantiles, ", @")));
    }
  }
  limit.figure = std::string(name.figure);
  if (name.dimension == Kind::time) limit.figure += "." + (quantile.empty() ? "p99" : quantile);
  limit.value = quantity_of(name, value, text, origin);
  limit.of_user = name.of_user;
  if (limit.value < 0 || (name.dimension == Kind::fraction && limit.value > 1))
    refuse(origin, text, "out of range", "give a share from 0 to 1, or a number above 0");
  return limit;
}

void check_limits(std::span<const ServingLimit> limits, const std::string& origin) {
  for (const ServingLimit& low : limits) {
    for (const ServingLimit& high : limits) {
      if (low.at_most || !high.at_most || low.figure != high.figure || low.value <= high.value) continue;
      throw SpecError("", "", fmt::format("{} {} contradicts {}", origin, low.text, high.text),
                      "no deployment holds both: leave one out");
    }
  }
}

std::optional<double> value_of(const ServingLimit& limit, const ServingFigures& figures) {
  const ServingRates& rates = figures.rates;
  if (limit.figure == "tokens_per_s_per_gpu") return rates.tokens_per_s_per_gpu;
  if (limit.figure == "tokens_per_s_per_user") return rates.tokens_per_s_per_user;
  if (limit.figure == "cost_usd_per_million_output_tokens") return rates.cost_usd;
  if (limit.figure == "energy_J_per_output_token") return rates.energy_J;
  if (limit.figure == "gpus") return figures.gpus;
  return figures.find(limit.figure);
}

double miss_fraction(const ServingLimit& limit, double value) {
  const double miss = limit.at_most ? value - limit.value : limit.value - value;
  if (miss <= 0) return 0;
  return limit.value > 0 ? miss / limit.value : miss;
}

BoundLimits bound_limits(std::span<const ServingLimit> limits) {
  BoundLimits out;
  const auto take = [](std::optional<double>& slot, double value) {
    slot = slot ? std::min(*slot, value) : value;
  };
  for (const ServingLimit& limit : limits) {
    if (limit.figure == "tokens_per_s_per_user" && !limit.at_most && limit.value > 0)
      take(out.tpot_s, 1 / limit.value);
    if (!limit.at_most) continue;
    const bool p99 = limit.figure.ends_with(".p99");
    if (!p99 && !limit.figure.ends_with(".mean")) continue;
    if (limit.figure.starts_with("ttft_s")) take(out.ttft_s, limit.value * (p99 ? kTail : 1));
    if (limit.figure.starts_with("tpot_s")) take(out.tpot_s, limit.value * (p99 ? kTail : 1));
  }
  return out;
}

}  // namespace moesim
