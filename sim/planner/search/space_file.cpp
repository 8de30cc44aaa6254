#include "sim/planner/search/space_file.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include <fmt/format.h>

#include "base/error.hpp"
#include "calib/profile/data_file.hpp"

namespace moesim {
namespace {

constexpr const char* kFolder = "workloads/spaces";

void require(bool holds, const std::string& path, const std::string& pointer, const std::string& what,
             const std::string& hint) {
  if (!holds) throw SpecError(path, pointer, what, hint);
}

}  // namespace

std::vector<Axis> read_space(std::string_view kind, const std::string& name_or_path) {
  const std::string file =
      find_data_file(kFolder, "search space", name_or_path.empty() ? kind : std::string_view(name_or_path));
  const Json document = read_json_file(file);
  require(document.is_object(), file, "", "no object", "see workloads/spaces/training.json");
  for (const auto& [key, value] : document.items()) {
    require(key == "schema_version" || key == "kind" || key == "axes", file, child_pointer("", key),
            "unknown key", "keys: schema_version, kind, axes");
  }
  require(document.value("schema_version", Json()) == 1, file, "/schema_version", "not 1", "write 1");
  require(document.value("kind", Json()) == kind, file, "/kind", fmt::format("no space of the kind {}", kind),
          fmt::format("write \"{}\", or search a scenario of the other kind", kind));
  require(document.contains("axes") && document["axes"].is_object(), file, "/axes", "no object",
          "give {POINTER: [VALUES]}");
  std::vector<Axis> axes;
  for (const auto& [pointer, values] : document["axes"].items()) {
    require(values.is_array(), file, child_pointer("/axes", pointer), "no list of values", "write [...]");
    Axis axis{pointer, {}};
    for (const Json& value : values) {
      require(std::ranges::find(axis.values, value) == axis.values.end(), file,
              child_pointer("/axes", pointer), "a value twice: " + value.dump(), "leave one out");
      axis.values.push_back(value);
    }
    axes.push_back(std::move(axis));
  }
  return axes;
}

void replace_axis(std::vector<Axis>& axes, Axis axis) {
  const auto found = std::ranges::find(axes, axis.pointer, &Axis::pointer);
  if (found == axes.end())
    axes.push_back(std::move(axis));
  else
    *found = std::move(axis);
}

}  // namespace moesim
