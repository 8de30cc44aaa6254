#include "sim/runner/known_sources.hpp"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "calib/profile/router_dynamics.hpp"

namespace moesim {
namespace {

constexpr std::size_t kShortestBeginning = 3;

void add_named(const Json& value, std::string_view key, std::vector<std::string>& names) {
  if (!value.is_structured()) return;
  for (const auto& [part, child] : value.items()) {
    if (value.is_object() && part == key && child.is_string()) names.push_back(child.get<std::string>());
    add_named(child, key, names);
  }
}

/// The id that is spelled nearest, else the first that begins with the word.
std::string near_source(const std::string& id, const SourceSet& known) {
  const std::vector<std::string> ids(known.begin(), known.end());
  if (const std::string near = nearest(id, ids); !near.empty()) return near;
  if (id.size() < kShortestBeginning) return "";
  const auto found = std::ranges::find_if(ids, [&](const std::string& one) { return one.starts_with(id); });
  return found == ids.end() ? "" : *found;
}

}  // namespace

std::vector<std::string> named_files(const Json& scenario, std::string_view key, const std::string& file) {
  std::vector<std::string> names;
  add_named(scenario, key, names);
  for (std::string& name : names) {
    if (name.ends_with(".json")) name = (std::filesystem::path(file).parent_path() / name).string();
  }
  return names;
}

SourceSet known_sources(const Stack& stack, const CalibrationProfile& profile) {
  SourceSet known;
  for (const Source& source : stack.sources) known.insert(source.id);
  for (const Source& source : profile.sources()) known.insert(source.id);
  return known;
}

SourceSet known_sources(const Json& scenario, const std::string& file) {
  SourceSet known;
  const auto add = [&known](const std::vector<Source>& sources) {
    for (const Source& source : sources) known.insert(source.id);
  };
  for (const std::string& name : named_files(scenario, "stack", file)) add(load_stack(name).sources);
  for (const std::string& name : named_files(scenario, "calibration", file))
    add(load_profile(name).sources());
  for (const std::string& name : named_files(scenario, "dynamics", file))
    add(load_router_dynamics(name).sources);
  return known;
}

SourceSet checked_sources(const std::vector<std::string>& ids, const SourceSet& known,
                          const std::string& file, const std::string& pointer) {
  for (const std::string& id : ids) {
    if (known.empty() || known.contains(id)) continue;
    const std::string near = near_source(id, known);
    throw SpecError(file, pointer, fmt::format("no source is called '{}'", id),
                    near.empty() ? fmt::format("known: {}", fmt::join(known, ", "))
                                 : fmt::format("did you mean '{}'?", near));
  }
  return {ids.begin(), ids.end()};
}

}  // namespace moesim
