#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "calib/import/logs/log_file.hpp"

namespace moesim {

/// A number as printed: what was measured lies within `value` +- `half_step`, half of its last digit.
struct Printed {
  double value = 0;
  double half_step = 0;

  [[nodiscard]] Printed times(double factor) const { return {value * factor, half_step * factor}; }
  /// Half of the last digit over the value.
  [[nodiscard]] double uncertainty() const { return half_step / value; }
};

/// A decimal number, perhaps with an exponent; nothing where the whole text is none or is not finite.
std::optional<Printed> printed_number(std::string_view text);

/// Whether `work` in `time` (s) gives `rate` within the digits of both and `slack` of the rate.
bool agree(double work, const Printed& time, const Printed& rate, double slack = 0.002);

/// The words of a line.
std::vector<std::string_view> words_of(std::string_view line);

/// "m=  64, n=2112, 1D2D": what is behind each "=", without blanks around; empty for a word that stands
/// alone.
std::map<std::string, std::string, std::less<>> fields_of(std::string_view text);

/// Reads a line from left to right. What is not as `expected` says throws SpecError with file and line.
class LineReader {
 public:
  LineReader(const LogFile& log, std::size_t line, std::string_view expected)
      : log_(log), line_(line), expected_(expected), rest_(log.line(line)) {}

  /// Passes blanks and `text`, or leaves the line as it is where it goes on otherwise.
  bool skip(std::string_view text);
  void need(std::string_view text);
  /// What is before `end`, which is passed too.
  std::string_view until(std::string_view end);
  [[nodiscard]] std::string_view rest() const { return rest_; }

  Printed number();
  /// Above 0.
  Printed positive();
  /// Seconds, above 0: a number and us, ms or s.
  Printed time();
  /// B/s: a number and GB/s or another unit.
  Printed bandwidth();
  /// FLOP/s: a number and TFLOPS, TFLOP/s or another multiple.
  Printed flop_rate();

  [[noreturn]] void fail(const std::string& what) const;

 private:
  void skip_blanks();
  std::string_view word();

  const LogFile& log_;
  std::size_t line_;
  std::string_view expected_;
  std::string_view rest_;
};

/// Seconds in one "us", "ms" or "s"; bytes per second in one "GB/s"; nothing for another text.
std::optional<double> time_unit(std::string_view unit);
std::optional<double> bandwidth_unit(std::string_view unit);
std::optional<double> flop_rate_unit(std::string_view unit);

}  // namespace moesim
