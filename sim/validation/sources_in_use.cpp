#include "sim/validation/sources_in_use.hpp"

#include <filesystem>
#include <functional>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "calib/profile/profile.hpp"
#include "calib/profile/stack.hpp"

namespace moesim {
namespace {

using Uses = std::map<std::string, std::string>;

void add_constants(const std::string& owner, const std::vector<Constant>& constants,
                   const SourceSet& excluded, const std::string& file, Uses& uses) {
  for (const Constant& constant : constants) {
    try {
      for (const std::string& source : resolve(constant, excluded, file).sources) {
        uses.emplace(source, fmt::format("constant '{}' of {}", constant.name, owner));
      }
    } catch (const CalibrationError&) {
      // Nothing is left of it: a run that needs it is refused, so no prediction comes from it.
    }
  }
}

void add_profile(const std::string& name, const SourceSet& excluded, Uses& uses) {
  const CalibrationProfile profile = load_profile(name, excluded);
  for (const Entry& entry : profile.entries()) {
    uses.emplace(entry.source, fmt::format("an entry for {} of {}", enum_name(entry.op), profile.name()));
  }
  add_constants(profile.name(), profile.constants(), excluded, profile.path(), uses);
}

void add_stack(const std::string& name, const SourceSet& excluded, Uses& uses) {
  const Stack stack = load_stack(name);
  add_constants(stack.name, stack.constants, excluded, stack.path, uses);
}

/// A name as it is, a path made relative to the folder of `file`.
std::string name_or_path(const std::string& text, const std::string& file) {
  if (!text.ends_with(".json")) return text;
  return (std::filesystem::path(file).parent_path() / text).string();
}

/// Calls `visit` for each text under `key` at any depth.
void for_each_named(const Json& value, const std::string& key,
                    const std::function<void(const std::string&)>& visit) {
  if (!value.is_structured()) return;
  for (const auto& [part, child] : value.items()) {
    if (value.is_object() && part == key && child.is_string()) visit(child.get<std::string>());
    for_each_named(child, key, visit);
  }
}

}  // namespace

Uses sources_in_use(const Json& scenario, const std::string& file, const SourceSet& excluded) {
  Uses uses;
  for_each_named(scenario, "calibration",
                 [&](const std::string& name) { add_profile(name_or_path(name, file), excluded, uses); });
  for_each_named(scenario, "stack",
                 [&](const std::string& name) { add_stack(name_or_path(name, file), excluded, uses); });
  return uses;
}

void require_independence(const ValidationCase& c, const std::vector<CaseScenario>& scenarios,
                          const SourceSet& excluded) {
  if (c.role != CaseRole::check) return;
  for (const CaseScenario& scenario : scenarios) {
    const Uses uses =
        sources_in_use(parse_json(scenario.document.text, scenario.file), scenario.file, excluded);
    for (const PublishedValue& figure : c.published) {
      if (const auto used = uses.find(figure.source); used != uses.end()) {
        throw SpecError(c.path, "/role",
                        fmt::format("no check: its source '{}' also gives {}", figure.source, used->second),
                        fmt::format("add '{}' to /excluded_sources, or make it a fit", figure.source));
      }
    }
  }
}

}  // namespace moesim
