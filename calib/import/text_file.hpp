#pragma once

#include <cstddef>
#include <string>

namespace moesim {

/// The whole text of a file, perhaps compressed by gzip. Throws SpecError for a missing or damaged file and
/// for more than `most_bytes` of text.
std::string read_text_file(const std::string& path, std::size_t most_bytes = 1'000'000'000);

}  // namespace moesim
