#include "workloads/requests/trace_lines.hpp"

#include <zlib.h>

#include <array>
#include <filesystem>

#include <fmt/format.h>

#include "base/error.hpp"

namespace moesim {

TraceLines::TraceLines(std::string path) : path_(std::move(path)) {
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(path_, ignored))
    throw SpecError(path_, "", "no such file", "name a trace, relative to the scenario");
  file_ = gzopen(path_.c_str(), "rb");
  if (file_ == nullptr) throw SpecError(path_, "", "cannot be read", "check its permissions");
}

TraceLines::~TraceLines() {
  if (file_ != nullptr) gzclose(static_cast<gzFile>(file_));
}

bool TraceLines::next(std::string& line) {
  line.clear();
  std::array<char, 65536> buffer{};
  while (gzgets(static_cast<gzFile>(file_), buffer.data(), static_cast<int>(buffer.size())) != nullptr) {
    line += buffer.data();
    if (line.back() == '\n') break;
  }
  int error = Z_OK;
  gzerror(static_cast<gzFile>(file_), &error);
  if (error != Z_OK && error != Z_STREAM_END) fail("damaged data", "fetch the file anew");
  if (line.empty()) return false;
  ++number_;
  while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) line.pop_back();
  return true;
}

void TraceLines::fail(const std::string& what, const std::string& hint) const {
  throw SpecError(path_, "", fmt::format("line {}: {}", number_, what), hint);
}

}  // namespace moesim
