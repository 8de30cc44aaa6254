#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "calib/profile/profile_file.hpp"

namespace moesim {

/// Errors |predicted / timed - 1| by operator and kind.
class ErrorAccount {
 public:
  void add(std::string_view name, std::string_view kind, double error);

  /// Median and 90th percentile of each operator and kind to 4 decimals, by name, then kind.
  [[nodiscard]] std::vector<HeldOutError> summary() const;

 private:
  std::map<std::pair<std::string, std::string>, std::vector<double>> errors_;
};

}  // namespace moesim
