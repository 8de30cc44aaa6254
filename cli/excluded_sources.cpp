#include "cli/excluded_sources.hpp"

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include <fmt/format.h>

namespace moesim::cli {
namespace {

/// What a key of the scenario names: a shipped name, or a path relative to the scenario's folder.
std::string named(const Json& scenario, const char* key, const std::string& file) {
  const auto value = scenario.find(key);
  if (value == scenario.end() || !value->is_string()) return "";
  const std::string name = value->get<std::string>();
  return name.ends_with(".json") ? (std::filesystem::path(file).parent_path() / name).string() : name;
}

}  // namespace

SourceSet excluded_sources(const std::vector<std::string>& ids, const Stack& stack,
                           const CalibrationProfile& profile) {
  std::vector<std::string> known;
  for (const Source& source : stack.sources) known.push_back(source.id);
  for (const Source& source : profile.sources()) known.push_back(source.id);
  for (const std::string& id : ids) {
    if (std::ranges::find(known, id) != known.end()) continue;
    const std::string near = nearest(id, known);
    throw SpecError("--exclude-source", "", fmt::format("no source is called '{}'", id),
                    near.empty() ? fmt::format("known: {}", fmt::join(known, ", "))
                                 : fmt::format("did you mean '{}'?", near));
  }
  return {ids.begin(), ids.end()};
}

SourceSet excluded_sources(const std::vector<std::string>& ids, const Json& scenario,
                           const std::string& file) {
  const std::string stack = named(scenario, "stack", file);
  const std::string calibration = named(scenario, "calibration", file);
  // A scenario without them is refused when it is read.
  if (ids.empty() || stack.empty() || calibration.empty()) return {};
  return excluded_sources(ids, load_stack(stack), load_profile(calibration));
}

}  // namespace moesim::cli
