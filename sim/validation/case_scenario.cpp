#include "sim/validation/case_scenario.hpp"

#include <filesystem>
#include <span>

#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "sim/runner/scenario_kinds.hpp"
#include "sim/validation/variants.hpp"

namespace moesim {
namespace {

/// A scenario that overrides are applied to.
struct Base {
  std::string file;
  Json document;
  Json schema;
};

/// `raw`, which stands at `pointer` in the case file: a document or the path of one.
Base base_of(const RawJson& raw, const std::string& pointer, const ValidationCase& c) {
  Base base{c.path, parse_json(raw.text, c.path), {}};
  if (base.document.is_string()) {
    const auto path = std::filesystem::path(c.path).parent_path() / base.document.get<std::string>();
    base.file = path.lexically_normal().string();
    base.document = read_json_file(path);
  } else if (!base.document.is_object()) {
    throw SpecError(c.path, pointer, "neither a scenario nor the path of one",
                    "write an object, or the path of a file relative to this one");
  }
  write_schema(kind_of(base.document, base.file).spec(), base.schema);
  return base;
}

void apply(std::span<const PlacedOverride> overrides, const std::string& case_file, Base& base) {
  for (const PlacedOverride& override : overrides) {
    try {
      // A text goes in with its quotes, so that it is never taken for anything else.
      set_at_pointer(base.document, base.schema, override.place, override.value.text);
    } catch (const SpecError& error) {
      throw SpecError(case_file, override.pointer, error.what_text, error.hint);
    }
  }
}

/// What each phase of the case starts from; one base where it has none.
std::vector<Base> phase_bases(const ValidationCase& c) {
  const std::vector<PlacedOverride> of_case = placed(c.overrides, "/overrides");
  std::vector<Base> bases;
  for (std::size_t i = 0; i < c.phases.size(); ++i) {
    const RunPhase& phase = c.phases[i];
    const std::string pointer = child_pointer("/phases", i);
    bases.push_back(phase.scenario ? base_of(*phase.scenario, pointer + "/scenario", c)
                                   : base_of(c.scenario, "/scenario", c));
    apply(of_case, c.path, bases.back());
    apply(placed(phase.overrides, pointer + "/overrides"), c.path, bases.back());
  }
  if (!bases.empty()) return bases;
  bases.push_back(base_of(c.scenario, "/scenario", c));
  apply(of_case, c.path, bases.back());
  return bases;
}

/// Refuses a variant that the scenario's kind cannot read: a slip of the pen is no unfit layout.
void require_readable(const Base& base, const Variant& variant, const ValidationCase& c) {
  try {
    kind_of(base.document, base.file).complete(base.document, base.file);
  } catch (const SpecError& error) {
    const std::string pointer = variant.overrides.empty() ? "/range" : variant.overrides.front().pointer;
    throw SpecError(c.path, pointer, error.pointer + ": " + error.what_text, error.hint);
  }
}

}  // namespace

std::vector<CaseScenario> scenarios_of(const ValidationCase& c) {
  const std::vector<Base> bases = phase_bases(c);
  std::vector<CaseScenario> scenarios;
  for (const Variant& variant : variants_of(c)) {
    for (Base base : bases) {
      apply(variant.overrides, c.path, base);
      if (c.range) require_readable(base, variant, c);
      scenarios.push_back({base.file, {write_json(base.document, -1)}});
    }
  }
  return scenarios;
}

}  // namespace moesim
