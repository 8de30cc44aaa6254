#include "base/units.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <utility>

namespace moesim {
namespace {

using enum Dimension;

constexpr auto kUnits = std::to_array<UnitRow>({
    {kTime, "s", 1, 1, PrefixSet::kSmall, true},
    {kTime, "min", 60, 1, PrefixSet::kNone, true},
    {kTime, "h", 3600, 1, PrefixSet::kNone, true},
    {kTime, "d", 86400, 1, PrefixSet::kNone, true},
    {kBytes, "B", 1, 1, PrefixSet::kBinary, true},
    {kBytes, "b", 1, 8, PrefixSet::kBinary, false},
    {kFlops, "FLOP", 1, 1, PrefixSet::kLarge, true},
    {kByteRate, "B/s", 1, 1, PrefixSet::kBinary, true},
    {kByteRate, "b/s", 1, 8, PrefixSet::kBinary, false},
    {kFlopRate, "FLOP/s", 1, 1, PrefixSet::kLarge, true},
    {kPower, "W", 1, 1, PrefixSet::kLarge, true},
    {kEnergy, "J", 1, 1, PrefixSet::kLarge, true},
    {kEnergy, "Wh", 3600, 1, PrefixSet::kLarge, true},
    {kMoney, "$", 1, 1, PrefixSet::kNone, true},
    {kMoneyRate, "$/h", 1, 3600, PrefixSet::kNone, true},
    {kMoneyRate, "$/s", 1, 1, PrefixSet::kNone, true},
    {kFrequency, "Hz", 1, 1, PrefixSet::kLarge, true},
});

constexpr auto kDimensions = std::to_array<DimensionRow>({
    {kTime, "time", "s", "5 us"},
    {kBytes, "size", "B", "80 GiB"},
    {kFlops, "operations", "FLOP", "12 TFLOP"},
    {kByteRate, "bandwidth", "B/s", "450 GB/s"},
    {kFlopRate, "compute rate", "FLOP/s", "989 TFLOP/s"},
    {kPower, "power", "W", "700 W"},
    {kEnergy, "energy", "J", "2 kWh"},
    {kMoney, "money", "$", "1000 $"},
    {kMoneyRate, "price", "$/s", "2 $/h"},
    {kFrequency, "frequency", "Hz", "1755 MHz"},
});

struct PrefixRow {
  std::string_view symbol;
  double numerator;
  double denominator;
  PrefixSet group;
};

constexpr auto kPrefixes = std::to_array<PrefixRow>({
    {"", 1, 1, PrefixSet::kNone},
    {"m", 1, 1e3, PrefixSet::kSmall},
    {"u", 1, 1e6, PrefixSet::kSmall},
    {"n", 1, 1e9, PrefixSet::kSmall},
    {"p", 1, 1e12, PrefixSet::kSmall},
    {"k", 1e3, 1, PrefixSet::kLarge},
    {"M", 1e6, 1, PrefixSet::kLarge},
    {"G", 1e9, 1, PrefixSet::kLarge},
    {"T", 1e12, 1, PrefixSet::kLarge},
    {"P", 1e15, 1, PrefixSet::kLarge},
    {"E", 1e18, 1, PrefixSet::kLarge},
    {"Ki", 0x1p10, 1, PrefixSet::kBinary},
    {"Mi", 0x1p20, 1, PrefixSet::kBinary},
    {"Gi", 0x1p30, 1, PrefixSet::kBinary},
    {"Ti", 0x1p40, 1, PrefixSet::kBinary},
    {"Pi", 0x1p50, 1, PrefixSet::kBinary},
    {"Ei", 0x1p60, 1, PrefixSet::kBinary},
});

bool takes(PrefixSet set, PrefixSet group) {
  return group == PrefixSet::kNone || group == set ||
         (set == PrefixSet::kBinary && group == PrefixSet::kLarge);
}

/// `number` of a prefixed unit in SI units; one rounding only where either factor is 1.
double scaled(double number, const PrefixRow& prefix, const UnitRow& unit) {
  return number * (prefix.numerator * unit.numerator) / (prefix.denominator * unit.denominator);
}

constexpr std::string_view kBlank = " \t\r\n";

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(kBlank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

std::string hint_for(Dimension dimension) {
  return fmt::format("write a number and a unit, for example \"{}\"", dimension_row(dimension).example);
}

UnitError fault(std::string_view text, std::string_view why, Dimension dimension) {
  return {fmt::format("\"{}\" is no {}: {}", text, dimension_row(dimension).name, why), hint_for(dimension)};
}

/// Calls `visit(prefix, unit)` for each spelling of the dimension until it returns true.
template <class Visit>
bool any_spelling(Dimension dimension, const Visit& visit) {
  for (const UnitRow& unit : kUnits) {
    if (unit.dimension != dimension) continue;
    for (const PrefixRow& prefix : kPrefixes) {
      if (takes(unit.prefixes, prefix.group) && visit(prefix, unit)) return true;
    }
  }
  return false;
}

}  // namespace

std::span<const UnitRow> unit_table() {
  return kUnits;
}

const DimensionRow& dimension_row(Dimension dimension) {
  return *std::ranges::find(kDimensions, dimension, &DimensionRow::dimension);
}

double parse_quantity(std::string_view text, Dimension dimension) {
  const std::string_view body = trimmed(text);
  double number = 0;
  const bool plus = body.starts_with('+') && !body.starts_with("+-");
  const char* begin = body.data() + (plus ? 1 : 0);
  const char* end = body.data() + body.size();
  const auto [rest, status] = std::from_chars(begin, end, number);
  if (status == std::errc::result_out_of_range) throw fault(text, "the number is out of range", dimension);
  if (status != std::errc{} || !std::isfinite(number))
    throw fault(text, "it starts with no number", dimension);
  const std::string_view symbol = trimmed({rest, static_cast<std::size_t>(end - rest)});
  if (symbol.empty()) {
    if (number == 0) return 0;
    throw fault(text, "the unit is missing", dimension);
  }
  double value = 0;
  const bool known = any_spelling(dimension, [&](const PrefixRow& prefix, const UnitRow& unit) {
    if (symbol.size() != prefix.symbol.size() + unit.symbol.size()) return false;
    if (!symbol.starts_with(prefix.symbol) || !symbol.ends_with(unit.symbol)) return false;
    value = scaled(number, prefix, unit);
    return true;
  });
  if (!known) throw fault(text, fmt::format("unknown unit \"{}\"", symbol), dimension);
  if (!std::isfinite(value)) throw fault(text, "the number is out of range", dimension);
  return value;
}

std::string quantity_text(double value, Dimension dimension) {
  const std::string_view si_unit = dimension_row(dimension).si_unit;
  std::string best = fmt::format("{} {}", value, si_unit);
  if (value == 0 || !std::isfinite(value)) return best;
  bool best_is_handy = false;
  any_spelling(dimension, [&](const PrefixRow& prefix, const UnitRow& unit) {
    if (!unit.written) return false;
    const double number = value / scaled(1, prefix, unit);
    const bool handy = std::abs(number) >= 1 && std::abs(number) < 1000;
    for (const std::string& digits : {fmt::format("{:.15g}", number), fmt::format("{}", number)}) {
      double read = 0;
      std::from_chars(digits.data(), digits.data() + digits.size(), read);
      if (scaled(read, prefix, unit) != value) continue;
      const std::string text = fmt::format("{} {}{}", digits, prefix.symbol, unit.symbol);
      const bool better =
          text.size() < best.size() || (text.size() == best.size() && handy && !best_is_handy);
      if (better) best = text, best_is_handy = handy;
      break;
    }
    return false;
  });
  return best;
}

std::string quantity_pattern(Dimension dimension) {
  std::string units;
  for (const UnitRow& unit : kUnits) {
    if (unit.dimension != dimension) continue;
    std::string prefixes;
    for (const PrefixRow& prefix : kPrefixes) {
      if (prefix.symbol.empty() || !takes(unit.prefixes, prefix.group)) continue;
      prefixes += (prefixes.empty() ? "" : "|") + std::string(prefix.symbol);
    }
    if (!units.empty()) units += '|';
    if (!prefixes.empty()) units += "(?:" + prefixes + ")?";
    for (char c : unit.symbol) units += c == '$' ? std::string("\\$") : std::string(1, c);
  }
  constexpr std::string_view kNumber = R"((?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?)";
  constexpr std::string_view kZero = R"((?:0+\.?0*|\.0+)(?:[eE][-+]?[0-9]+)?)";
  return fmt::format(R"(^[ \t\r\n]*(?:[-+]?{}[ \t\r\n]*(?:{})|[-+]?{})[ \t\r\n]*$)", kNumber, units, kZero);
}

}  // namespace moesim
