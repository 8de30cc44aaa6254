#include "sim/runner/result_document.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "sim/results/store.hpp"

namespace moesim {
namespace {

/// The dotted path of every value below `value`.
void add_keys(const Json& value, const std::string& key, std::vector<std::string>& keys) {
  if (!key.empty()) keys.push_back(key);
  if (!value.is_structured()) return;
  for (const auto& [part, child] : value.items())
    add_keys(child, key.empty() ? part : key + '.' + part, keys);
}

/// The pointer of the first number that is not finite; empty where all are.
std::string not_finite(const Json& value, const std::string& pointer) {
  if (value.is_number_float() && !std::isfinite(value.get<double>())) return pointer;
  if (!value.is_structured()) return "";
  for (const auto& [part, child] : value.items()) {
    if (std::string found = not_finite(child, child_pointer(pointer, part)); !found.empty()) return found;
  }
  return "";
}

}  // namespace

Json result_document(const ResultHeader& header, const Json& scenario, const Json& provenance) {
  return {{"schema_version", kSchemaVersion},
          {"kind", header.kind},
          {"scenario", scenario},
          {"seed", header.seed},
          {"moesim_version", MOESIM_VERSION},
          {"model", header.model},
          {"cluster", {{"name", header.cluster}, {"gpus", header.num_gpus}, {"nodes", header.num_nodes}}},
          {"engine",
           {{"name", header.engine},
            {"num_gpus", header.num_simulated_gpus},
            {"num_operations", header.num_operations}}},
          {"provenance", provenance},
          {"warnings", header.warnings}};
}

void warn_of_unknown_figures(Json& result) {
  const auto published = result["scenario"].find("published");
  if (published == result["scenario"].end()) return;
  std::vector<std::string> keys;
  add_keys(result["summary"], "", keys);
  for (const Json& figure : *published) {
    const std::string key = figure.value("key", std::string());
    if (std::ranges::find(keys, key) != keys.end()) continue;
    const std::string near = nearest(key, keys);
    result["warnings"].push_back(fmt::format("the summary has no '{}', which is published{}", key,
                                             near.empty() ? "" : fmt::format("; did you mean '{}'?", near)));
  }
}

void require_finite(const Json& result) {
  const std::string pointer = not_finite(result, "");
  if (pointer.empty()) return;
  throw RunError(fmt::format(
      "the result is not finite at {}: a bandwidth or rate of the inputs is next to nothing", pointer));
}

Json violations_json(const std::vector<PlanError::Violation>& found) {
  Json violations = Json::array();
  for (const auto& violation : found) {
    violations.push_back(
        {{"pointer", violation.pointer}, {"what", violation.what}, {"hint", violation.hint}});
  }
  return violations;
}

}  // namespace moesim
