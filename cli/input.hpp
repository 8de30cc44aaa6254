#pragma once

#include <string>

#include "base/json.hpp"

namespace moesim::cli {

/// The document at a path, or of standard input for "-". Throws SpecError.
Json read_document(const std::string& path);

}  // namespace moesim::cli
