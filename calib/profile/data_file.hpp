#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace moesim {

/// Names of the shipped files FOLDER/NAME.json, sorted.
std::vector<std::string> data_names(std::string_view folder);

/// The path of FOLDER/NAME.json in the shipped data, or `name_or_path` itself where it ends in .json.
/// Throws CalibrationError with the nearest name; `what` is "profile" or "stack".
std::string find_data_file(std::string_view folder, std::string_view what, std::string_view name_or_path);

}  // namespace moesim
