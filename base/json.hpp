#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

namespace moesim {

/// A JSON document that keeps the order of its keys. Include <nlohmann/json.hpp> where it is used, in .cpp
/// files only.
using Json = nlohmann::ordered_json;

inline constexpr int kMaxJsonDepth = 64;
inline constexpr std::size_t kMaxJsonBytes = 256'000'000;

/// Parses one JSON document. `file` is named in errors only.
/// Throws SpecError for text that is not JSON, an empty text, a duplicate key, more than kMaxJsonDepth nested
/// arrays and objects, more than kMaxJsonBytes, a number beyond double, bad UTF-8, or text after the
/// document. The error's `what_text` begins with LINE:COLUMN; a UTF-8 byte order mark is skipped.
Json parse_json(std::string_view text, std::string_view file);

/// Reads and parses a file. Throws SpecError with a hint also where it is missing, a directory or unreadable.
Json read_json_file(const std::filesystem::path& path);

/// The text of a document, ending in a newline: keys in their order, doubles by their shortest text that
/// reads back to the same bits, arrays of scalars on one line. `indent` < 0 writes everything on one line.
/// Throws RunError for a number that is not finite, which JSON cannot hold.
std::string write_json(const Json& document, int indent = 2);

/// `pointer` extended by one object key (escaped as RFC 6901 wants: ~ as ~0, / as ~1) or one array index.
std::string child_pointer(std::string_view pointer, std::string_view key);
std::string child_pointer(std::string_view pointer, std::size_t index);

}  // namespace moesim
