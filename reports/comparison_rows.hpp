#pragma once

#include <string>
#include <vector>

#include "sim/results/comparison.hpp"

namespace moesim {

/// A line of a section for readers: a group of keys, or one row.
struct ComparisonLine {
  std::string label;
  std::size_t depth = 0;
  const ComparedRow* row = nullptr;  ///< null for a group
};

/// The rows of a section, those whose dotted keys begin alike below one line of their group; inputs stay as
/// they are. Lines point into `section`.
std::vector<ComparisonLine> comparison_lines(const ComparedSection& section);

}  // namespace moesim
