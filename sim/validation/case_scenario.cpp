#include "sim/validation/case_scenario.hpp"

#include <filesystem>

#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "sim/runner/scenario_kinds.hpp"

namespace moesim {
namespace {

CaseScenario base_of(const ValidationCase& c) {
  const Json scenario = parse_json(c.scenario.text, c.path);
  if (scenario.is_object()) return {c.path, c.scenario};
  if (!scenario.is_string()) {
    throw SpecError(c.path, "/scenario", "neither a scenario nor the path of one",
                    "write an object, or the path of a file relative to this one");
  }
  const auto path = std::filesystem::path(c.path).parent_path() / scenario.get<std::string>();
  return {path.lexically_normal().string(), {write_json(read_json_file(path), -1)}};
}

/// `document` with `overrides`, which stand at `pointer` in the case file.
void apply(const Overrides& overrides, const std::string& case_file, const std::string& pointer,
           const Json& schema, Json& document) {
  for (const auto& [place, value] : overrides) {
    try {
      // A text goes in with its quotes, so that it is never taken for anything else.
      set_at_pointer(document, schema, place, value.text);
    } catch (const SpecError& error) {
      throw SpecError(case_file, child_pointer(pointer, place), error.what_text, error.hint);
    }
  }
}

}  // namespace

std::vector<CaseScenario> scenarios_of(const ValidationCase& c) {
  const CaseScenario base = base_of(c);
  Json document = parse_json(base.document.text, base.file);
  Json schema;
  write_schema(kind_of(document, base.file).spec(), schema);
  apply(c.overrides, c.path, "/overrides", schema, document);
  if (c.layouts.empty()) return {{base.file, {write_json(document, -1)}}};
  std::vector<CaseScenario> scenarios;
  for (std::size_t i = 0; i < c.layouts.size(); ++i) {
    Json layout = document;
    apply(c.layouts[i], c.path, child_pointer("/layouts", i), schema, layout);
    scenarios.push_back({base.file, {write_json(layout, -1)}});
  }
  return scenarios;
}

}  // namespace moesim
