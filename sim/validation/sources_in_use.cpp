#include "sim/validation/sources_in_use.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "calib/profile/profile.hpp"
#include "calib/profile/router_dynamics.hpp"
#include "calib/profile/stack.hpp"
#include "sim/runner/known_sources.hpp"

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
  for (const EntryTable& table : profile.file().tables) {
    if (excluded.contains(table.source)) continue;
    uses.emplace(table.source, fmt::format("an entry for {} of {}", enum_name(table.op), profile.name()));
  }
  add_constants(profile.name(), profile.constants(), excluded, profile.path(), uses);
}

void add_stack(const std::string& name, const SourceSet& excluded, Uses& uses) {
  const Stack stack = load_stack(name);
  add_constants(stack.name, stack.constants, excluded, stack.path, uses);
}

void add_dynamics(const std::string& name, const SourceSet& excluded, Uses& uses) {
  const RouterDynamics dynamics = load_router_dynamics(name);
  add_constants(dynamics.name, dynamics.constants, excluded, dynamics.path, uses);
}

}  // namespace

Uses sources_in_use(const Json& scenario, const std::string& file, const SourceSet& excluded) {
  Uses uses;
  for (const std::string& name : named_files(scenario, "calibration", file)) {
    add_profile(name, excluded, uses);
  }
  for (const std::string& name : named_files(scenario, "stack", file)) add_stack(name, excluded, uses);
  for (const std::string& name : named_files(scenario, "dynamics", file)) add_dynamics(name, excluded, uses);
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
