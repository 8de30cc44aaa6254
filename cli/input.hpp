#pragma once

#include <string>

#include "base/json.hpp"

namespace moesim::cli {

/// The text of a file, or of standard input for "-". Throws SpecError.
std::string read_text(const std::string& path);
/// The document at a path, or of standard input for "-". Throws SpecError.
Json read_document(const std::string& path);

}  // namespace moesim::cli
