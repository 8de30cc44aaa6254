#include "calib/import/logs/line_reader.hpp"

#include <charconv>
#include <cmath>

#include <fmt/format.h>

#include "base/units.hpp"

namespace moesim {

namespace {

constexpr std::string_view kNumberCharacters = "+-.0123456789eE";

std::optional<double> unit_of(std::string_view unit, Dimension dimension) {
  try {
    return parse_quantity(fmt::format("1 {}", unit), dimension);
  } catch (const UnitError&) {
    return std::nullopt;
  }
}

}  // namespace

std::optional<Printed> printed_number(std::string_view text) {
  Printed out;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out.value);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(out.value))
    return std::nullopt;
  const auto exponent = text.find_first_of("eE");
  const auto digits = text.substr(0, exponent);
  const auto point = digits.find('.');
  double power = point == std::string_view::npos ? 0.0 : -static_cast<double>(digits.size() - point - 1);
  if (exponent != std::string_view::npos) {
    int shift = 0;
    auto tail = text.substr(exponent + 1);
    if (tail.starts_with('+')) tail.remove_prefix(1);
    std::from_chars(tail.data(), tail.data() + tail.size(), shift);
    power += shift;
  }
  out.half_step = 0.5 * std::pow(10.0, power);
  return out;
}

bool agree(double work, const Printed& time, const Printed& rate, double slack) {
  const double least_time = time.value - time.half_step;
  const double low = work / (time.value + time.half_step) * (1 - slack);
  if (rate.value + rate.half_step < low) return false;
  return least_time <= 0 || rate.value - rate.half_step <= work / least_time * (1 + slack);
}

std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> out;
  while (true) {
    const auto start = line.find_first_not_of(' ');
    if (start == std::string_view::npos) return out;
    line.remove_prefix(start);
    const auto end = line.find(' ');
    out.push_back(line.substr(0, end));
    line.remove_prefix(out.back().size());
  }
}

std::map<std::string, std::string, std::less<>> fields_of(std::string_view text) {
  const auto trimmed = [](std::string_view word) {
    const auto start = word.find_first_not_of(' ');
    if (start == std::string_view::npos) return std::string();
    return std::string(word.substr(start, word.find_last_not_of(' ') - start + 1));
  };
  std::map<std::string, std::string, std::less<>> out;
  while (!text.empty()) {
    const auto end = std::min(text.find(','), text.size());
    const auto field = text.substr(0, end);
    const auto equals = std::min(field.find('='), field.size());
    out[trimmed(field.substr(0, equals))] = trimmed(field.substr(std::min(equals + 1, field.size())));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

std::optional<double> time_unit(std::string_view unit) {
  return unit_of(unit, Dimension::kTime);
}
std::optional<double> bandwidth_unit(std::string_view unit) {
  return unit_of(unit, Dimension::kByteRate);
}
/// Programs write TFLOPS and TFlops for TFLOP/s.
std::optional<double> flop_rate_unit(std::string_view unit) {
  if (unit.size() > 5 && (unit.ends_with("FLOPS") || unit.ends_with("Flops")))
    return unit_of(std::string(unit.substr(0, unit.size() - 5)) + "FLOP/s", Dimension::kFlopRate);
  return unit_of(unit, Dimension::kFlopRate);
}

void LineReader::skip_blanks() {
  rest_.remove_prefix(std::min(rest_.find_first_not_of(' '), rest_.size()));
}

bool LineReader::skip(std::string_view text) {
  auto rest = rest_;
  rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
  if (!rest.starts_with(text)) return false;
  rest_ = rest.substr(text.size());
  return true;
}

void LineReader::need(std::string_view text) {
  if (!skip(text)) fail(fmt::format("'{}' is missing before '{}'", text, rest_.substr(0, 40)));
}

std::string_view LineReader::until(std::string_view end) {
  const auto at = rest_.find(end);
  if (at == std::string_view::npos)
    fail(fmt::format("'{}' is missing behind '{}'", end, rest_.substr(0, 40)));
  const auto out = rest_.substr(0, at);
  rest_.remove_prefix(at + end.size());
  return out;
}

Printed LineReader::number() {
  skip_blanks();
  const auto text = rest_.substr(0, rest_.find_first_not_of(kNumberCharacters));
  const auto value = printed_number(text);
  if (!value) fail(fmt::format("no number at '{}'", rest_.substr(0, 40)));
  rest_.remove_prefix(text.size());
  return *value;
}

Printed LineReader::positive() {
  const Printed value = number();
  if (value.value <= 0) fail(fmt::format("{:g} is not above 0", value.value));
  return value;
}

std::string_view LineReader::word() {
  skip_blanks();
  const auto out = rest_.substr(0, rest_.find_first_of(" ,|()"));
  rest_.remove_prefix(out.size());
  return out;
}

Printed LineReader::time() {
  const Printed value = number();
  if (value.value <= 0) fail(fmt::format("a time of {:g} is not above 0", value.value));
  const auto unit = word();
  const auto factor = time_unit(unit);
  if (!factor) fail(fmt::format("'{}' is no unit of time", unit));
  return value.times(*factor);
}

Printed LineReader::bandwidth() {
  const Printed value = number();
  if (value.value < 0) fail(fmt::format("a bandwidth of {:g} is negative", value.value));
  const auto unit = word();
  const auto factor = bandwidth_unit(unit);
  if (!factor) fail(fmt::format("'{}' is no unit of bandwidth", unit));
  return value.times(*factor);
}

Printed LineReader::flop_rate() {
  const Printed value = number();
  if (value.value < 0) fail(fmt::format("a rate of {:g} is negative", value.value));
  const auto unit = word();
  const auto factor = flop_rate_unit(unit);
  if (!factor) fail(fmt::format("'{}' is no unit of a rate", unit));
  return value.times(*factor);
}

void LineReader::fail(const std::string& what) const {
  log_.fail(line_, what, fmt::format("expected '{}'", expected_));
}

}  // namespace moesim
