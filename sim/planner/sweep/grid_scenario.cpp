#include "sim/planner/sweep/grid_scenario.hpp"

#include <algorithm>
#include <filesystem>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/spec_text.hpp"
#include "calib/profile/data_file.hpp"

namespace moesim {
namespace {

constexpr const char* kScenarioFolder = "workloads/scenarios";

GridScenario read_from(const std::filesystem::path& path) {
  return {{read_json_file(path).dump()}, path.string(), path.stem().string()};
}

}  // namespace

GridScenario read_grid_scenario(const Json& value, const std::string& file, const std::string& pointer) {
  if (value.is_object()) {
    return {{value.dump()},
            file,
            pointer == "/scenario" ? "scenario" : "scenario " + pointer.substr(pointer.rfind('/') + 1)};
  }
  if (!value.is_string()) {
    throw SpecError(file, pointer, fmt::format("{} is no scenario", shown_value(value)),
                    "give the name of a shipped one, a path, or a whole scenario");
  }
  const auto text = value.get<std::string>();
  if (text.ends_with(".json") || text.find('/') != std::string::npos) {
    return read_from(std::filesystem::path(file).parent_path() / text);
  }
  const std::vector<std::string> names = data_names(kScenarioFolder);
  if (std::ranges::find(names, text) != names.end()) {
    return read_from(find_data(fmt::format("{}/{}.json", kScenarioFolder, text)));
  }
  const std::string near = nearest(text, names);
  throw SpecError(
      file, pointer, fmt::format("no shipped scenario '{}'", shown_text(text)),
      near.empty() ? "give the path of a file, ending in .json" : fmt::format("did you mean '{}'?", near));
}

}  // namespace moesim
