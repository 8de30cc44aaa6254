#include "calib/measure/suite.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "calib/measure/suite/families.hpp"

namespace moesim {

namespace {

// One row for each bench family, the machine first.
constexpr std::array<SuiteFamily, 0> kFamilies{{
    // {"mla_decode", mla_decode_cases, mla_decode_random_case},
}};

}  // namespace

std::span<const SuiteFamily> suite_families() {
  return kFamilies;
}

std::vector<MeasuredCase> standard_suite() {
  std::vector<MeasuredCase> all;
  for (const SuiteFamily& family : suite_families()) {
    const auto cases = family.cases();
    all.insert(all.end(), cases.begin(), cases.end());
  }
  return all;
}

std::vector<MeasuredCase> random_cases(int count, std::uint64_t seed, std::span<const std::string> groups) {
  std::vector<const SuiteFamily*> drawing;
  for (const SuiteFamily& family : suite_families()) {
    const bool wanted =
        groups.empty() || std::find(groups.begin(), groups.end(), family.group) != groups.end();
    if (wanted && family.random_case != nullptr) drawing.push_back(&family);
  }
  std::vector<MeasuredCase> all;
  if (drawing.empty()) return all;
  for (int i = 0; i < count; ++i) {
    RandomStream random(seed, stream_of("calibrate_check"), static_cast<std::uint64_t>(i));
    all.push_back(drawing[static_cast<std::size_t>(i) % drawing.size()]->random_case(random));
  }
  return all;
}

}  // namespace moesim
