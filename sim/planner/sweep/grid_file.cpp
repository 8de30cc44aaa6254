#include "sim/planner/sweep/grid_file.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>
namespace moesim {
namespace {

std::optional<SpecIssue> scenario_fault(const SweepGridFile& grid) {
  if (grid.scenario.has_value() == grid.scenarios.empty()) return std::nullopt;
  return SpecIssue{"", "a grid has one scenario, or several", "give one of \"scenario\", \"scenarios\""};
}

std::optional<SpecIssue> case_fault(const SweepGridFile& grid) {
  if (grid.cases.empty() || grid.scenarios.empty()) return std::nullopt;
  return SpecIssue{"/cases", "cases change one scenario, and these are several",
                   "give \"scenario\", or make a grid for each"};
}

/// The first of two equal elements, in the order of <; the end where all differ.
template <class T>
std::optional<T> twice_in(std::vector<T> values) {
  std::ranges::sort(values);
  const auto twice = std::ranges::adjacent_find(values);
  return twice == values.end() ? std::nullopt : std::optional<T>(*twice);
}

std::optional<SpecIssue> value_fault(const SweepGridFile& grid) {
  for (const auto& [place, values] : grid.vary) {
    const std::string pointer = child_pointer("/vary", place);
    if (values.empty()) return SpecIssue{pointer, "no value", "list those to run"};
    std::vector<std::string> texts;
    for (const RawJson& value : values) texts.push_back(value.text);
    if (const auto twice = twice_in(std::move(texts))) {
      return SpecIssue{pointer, fmt::format("the value {} comes twice", *twice), "leave one out"};
    }
  }
  if (const auto twice = twice_in(grid.seeds)) {
    return SpecIssue{"/seeds", fmt::format("the seed {} comes twice", *twice), "leave one out"};
  }
  return std::nullopt;
}

/// A place that two parts of a grid change.
std::optional<SpecIssue> place_fault(const SweepGridFile& grid) {
  if (!grid.seeds.empty() && grid.vary.contains("/seed")) {
    return SpecIssue{"/seeds", "\"vary\" has /seed as well", "leave one out"};
  }
  for (std::size_t i = 0; i < grid.cases.size(); ++i) {
    for (const auto& [place, unused] : grid.cases[i].set) {
      if (!grid.vary.contains(place) && (place != "/seed" || grid.seeds.empty())) continue;
      return SpecIssue{child_pointer(child_pointer("/cases", i) + "/set", place), "varied as well",
                       "leave it out of \"set\", or of \"vary\" and \"seeds\""};
    }
  }
  return std::nullopt;
}

}  // namespace

const Spec<SweepGridCase>& spec_of(const SweepGridCase*) {
  using C = SweepGridCase;
  static const Spec<C> spec = Spec<C>("case of a grid", "What one case changes in the scenario.")
                                  .field("name", &C::name, "for readers", optional())
                                  .field("set", &C::set, "value by JSON pointer", optional());
  return spec;
}

const Spec<SweepGridFile>& spec_of(const SweepGridFile*) {
  using G = SweepGridFile;
  static const Spec<G> spec =
      Spec<G>("grid", "Scenarios that a sweep runs.")
          .field("schema_version", &G::schema_version, "version of this format",
                 between(kSweepGridVersion, kSweepGridVersion))
          .field("scenario", &G::scenario,
                 "name of a shipped one, path relative to this file, or a whole scenario")
          .field("scenarios", &G::scenarios, "several of one kind instead of one", optional())
          .field("vary", &G::vary, "values by JSON pointer into the scenario; every combination is run",
                 optional())
          .field("cases", &G::cases, "changes that are run each, instead of none", optional())
          .field("seeds", &G::seeds, "every case is run with each", optional())
          .check(scenario_fault)
          .check(case_fault)
          .check(value_fault)
          .check(place_fault);
  return spec;
}

}  // namespace moesim
