#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/results/comparison.hpp"

namespace moesim {

/// Keys of one result with their values, in the order of its document.
using KeyedValues = std::vector<std::pair<std::string, ComparedValue>>;

/// How one section of a comparison gets its rows. Adding a section is one row of comparison_sections().
struct SectionRule {
  std::string_view name;
  std::string_view title;
  bool shows_difference;
  bool only_what_differs;
  KeyedValues (*values_of)(const ComparedResult& result);
};

std::span<const SectionRule> comparison_sections();

}  // namespace moesim
