#include "reports/pictures/ticks.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

namespace moesim::pictures {
namespace {

/// digit * 10^exponent, exact powers up to 10^22.
struct TickStep {
  int digit = 1;
  int exponent = 0;

  [[nodiscard]] double size() const { return times(1); }
  /// `count` steps, rounded once.
  [[nodiscard]] double times(double count) const {
    const double power = std::pow(10.0, std::abs(exponent));
    return exponent < 0 ? count * digit / power : count * digit * power;
  }
  [[nodiscard]] TickStep next() const {
    if (digit == 5) return {1, exponent + 1};
    return {digit == 1 ? 2 : 5, exponent};
  }
};

/// How many multiples of `step` lie in [low, high].
double count_in(double low, double high, double step) {
  return std::floor(high / step + 1e-9) - std::ceil(low / step - 1e-9) + 1;
}

std::string label_of(double value, int exponent) {
  if (exponent < 0) return fmt::format("{:.{}f}", value, -exponent);
  return grouped(std::llround(value));
}

}  // namespace

std::string grouped(long long value) {
  const std::string digits = fmt::format("{}", value);
  const std::size_t first = value < 0 ? 1 : 0;
  std::string text;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i > first && (digits.size() - i) % 3 == 0) text += ',';
    text += digits[i];
  }
  return text;
}

std::vector<Tick> linear_ticks(double low, double high, int max_count, bool whole) {
  const double span = std::max(high - low, 1e-12 * std::max(1.0, std::abs(high)));
  TickStep step{1, static_cast<int>(std::floor(std::log10(span / max_count))) - 1};
  if (whole) step.exponent = std::max(step.exponent, 0);
  while (count_in(low, high, step.size()) > max_count) step = step.next();
  std::vector<Tick> ticks;
  const double first = std::ceil(low / step.size() - 1e-9);
  const double count = count_in(low, high, step.size());
  for (double i = 0; i < count; ++i) {
    const double at = step.times(first + i);
    ticks.push_back({at, label_of(at, step.exponent)});
  }
  return ticks;
}

std::vector<Tick> log_ticks(double low, double high, int max_count) {
  std::vector<Tick> ticks;
  std::vector<Tick> powers;
  for (int exponent = static_cast<int>(std::floor(std::log10(low))); std::pow(10.0, exponent) <= high;
       ++exponent) {
    for (const int digit : std::array{1, 2, 5}) {
      const double at = TickStep{digit, exponent}.size();
      if (at < low * (1 - 1e-9) || at > high * (1 + 1e-9)) continue;
      ticks.push_back({at, label_of(at, exponent)});
      if (digit == 1) powers.push_back(ticks.back());
    }
  }
  const auto limit = static_cast<std::size_t>(max_count);
  if (ticks.size() <= limit) return ticks;
  if (powers.empty()) powers = ticks;
  const std::size_t every = (powers.size() + limit - 1) / limit;
  std::vector<Tick> thinned;
  for (std::size_t i = 0; i < powers.size(); i += every) thinned.push_back(powers[i]);
  return thinned;
}

}  // namespace moesim::pictures
