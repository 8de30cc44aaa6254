#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/random.hpp"
#include "calib/measure/measured_case.hpp"
#include "calib/measure/rank_needs.hpp"

namespace moesim {

/// The cases of one bench family. A new family is one row of the table in suite.cpp.
struct SuiteFamily {
  std::string_view group;
  std::vector<MeasuredCase> (*cases)();
  /// A shape drawn at random for `moesim-calibrate check --random`; null where a family has none.
  MeasuredCase (*random_case)(RandomStream&);
};

/// Every family, in the order of `moesim-calibrate list`.
std::span<const SuiteFamily> suite_families();

/// The cases of every family in that order that so many ranks and nodes run: one GPU all that need no other,
/// several the operators between them.
std::vector<MeasuredCase> standard_suite(const RankNeeds& needs = {});

/// What shows whether the machine drifts: a GEMM in BF16 that takes about 0.2 ms on an H200.
MeasuredCase anchor_case();

/// `count` random cases for so many ranks and nodes, taken in turn from the families of `groups` (all when
/// empty) that can draw them.
std::vector<MeasuredCase> random_cases(int count, std::uint64_t seed, std::span<const std::string> groups,
                                       const RankNeeds& needs = {});

}  // namespace moesim
