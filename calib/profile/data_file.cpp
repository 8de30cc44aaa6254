#include "calib/profile/data_file.hpp"

#include <algorithm>
#include <span>

#include <fmt/format.h>

#include "base/error.hpp"
#include "base/file.hpp"

namespace moesim {

std::vector<std::string> data_names(std::string_view folder) {
  auto names = list_data(folder, ".json");
  for (auto& name : names) name.resize(name.size() - std::string_view(".json").size());
  std::sort(names.begin(), names.end());  // a name may be the beginning of another
  return names;
}

std::string find_data_file(std::string_view folder, std::string_view what, std::string_view name_or_path) {
  if (name_or_path.ends_with(".json")) return std::string(name_or_path);
  const auto names = data_names(folder);
  if (std::find(names.begin(), names.end(), name_or_path) != names.end()) {
    return find_data(fmt::format("{}/{}.json", folder, name_or_path)).string();
  }
  const std::string near = nearest(name_or_path, std::span<const std::string>(names));
  throw CalibrationError(std::string(name_or_path), "", fmt::format("no such {}", what),
                         near.empty()
                             ? fmt::format("known: {}; or the path of a .json file", fmt::join(names, ", "))
                             : fmt::format("did you mean '{}'?", near));
}

}  // namespace moesim
