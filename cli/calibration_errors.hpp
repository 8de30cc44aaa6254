#pragma once

#include <span>
#include <string>

#include "base/json.hpp"
#include "calib/profile/profile_file.hpp"

namespace moesim::cli {

/// Errors as JSON: {NAME: {median_error, p90_error, held_out_points, by_kind: {KIND: the same three}}}. The
/// figures of an operator are those of its kind "all".
Json errors_json(std::span<const HeldOutError> errors);

/// The same as a table, a row per operator and kind.
std::string errors_text(std::span<const HeldOutError> errors);

}  // namespace moesim::cli
