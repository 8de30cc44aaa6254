#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sim/results/sweep_reader.hpp"

namespace moesim {

/// What a case changes at one pointer.
struct CaseSetting {
  std::string text;
  std::optional<double> number{};  ///< where it is one
};

/// What a report keeps of a case that has ended.
struct ReportedCase {
  std::int64_t index = 0;
  std::string name;
  std::map<std::string, CaseSetting> settings{};  ///< by pointer
  std::optional<double> value{};  ///< of the figure; nothing where the case failed or its result lacks it
  bool has_failed = false;
  int exit_code = 0;
  std::string message{};
};

/// Every case that has ended, in the order of the grid. Throws RunError for a damaged file, SpecError for a
/// result in it that is no JSON.
std::vector<ReportedCase> reported_cases(const SweepReader& sweep, const std::string& figure);

/// Places in `cases` of those with a value, the best first; equal ones in the order of the grid.
std::vector<std::size_t> ranked_cases(const std::vector<ReportedCase>& cases, bool higher_is_better);

}  // namespace moesim
