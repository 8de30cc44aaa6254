#include "cli/input.hpp"

#include <array>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "base/error.hpp"

namespace moesim::cli {
namespace {

constexpr const char* kStdin = "-";

/// Stops one byte above what parse_json takes.
std::string read_stdin() {
  std::string text;
  std::array<char, 65536> buffer{};
  while (std::cin && text.size() <= kMaxJsonBytes) {
    std::cin.read(buffer.data(), buffer.size());
    text.append(buffer.data(), static_cast<std::size_t>(std::cin.gcount()));
  }
  return text;
}

}  // namespace

std::string read_text(const std::string& path) {
  if (path == kStdin) return read_stdin();
  std::error_code ignored;
  std::ifstream file(path, std::ios::binary);
  if (!file || !std::filesystem::is_regular_file(path, ignored))
    throw SpecError(path, "", "cannot be read", "name a file");
  return {std::istreambuf_iterator<char>(file), {}};
}

Json read_document(const std::string& path) {
  return path == kStdin ? parse_json(read_stdin(), kStdin) : read_json_file(path);
}

}  // namespace moesim::cli
