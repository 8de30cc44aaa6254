#pragma once

#include <string>
#include <string_view>

#include "base/json.hpp"

namespace moesim {

/// As set_at_pointer() of base/spec.hpp for a value that is JSON already and taken as it is; `file` is what
/// errors name. A schema of {} lets a pointer lead anywhere. A fault may leave objects on the way made.
void set_value_at_pointer(Json& document, const Json& schema, const std::string& file,
                          std::string_view pointer, const Json& value);

}  // namespace moesim
