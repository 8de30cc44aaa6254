#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"

namespace moesim {

/// {unknown name: the known name nearest to it}, for the names of a list that have one. Known is what was
/// asked for and `others`. Names "section.key" of one section are compared by their keys.
Json near_names(const Json& unknown, const std::set<std::string>& asked,
                const std::vector<std::string_view>& others);

}  // namespace moesim
