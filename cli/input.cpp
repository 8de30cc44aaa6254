#include "cli/input.hpp"

#include <array>
#include <iostream>
#include <nlohmann/json.hpp>

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

Json read_document(const std::string& path) {
  return path == kStdin ? parse_json(read_stdin(), kStdin) : read_json_file(path);
}

}  // namespace moesim::cli
