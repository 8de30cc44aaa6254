#include "calib/import/logs/log_file.hpp"

#include <fstream>
#include <iterator>

#include <fmt/format.h>

#include "base/error.hpp"

namespace moesim {

namespace {

constexpr std::uintmax_t kMaxLogBytes = 256'000'000;

bool is_final(char c) {
  return c >= '@' && c <= '~';
}

/// The line without escape sequences and other control characters.
std::string plain(std::string_view line) {
  std::string out;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '\x1b') {
      if (i + 1 < line.size() && line[i + 1] == '[') ++i;
      while (i + 1 < line.size() && !is_final(line[i + 1])) ++i;
      ++i;
    } else if (line[i] == '\t') {
      out += ' ';
    } else if (static_cast<unsigned char>(line[i]) >= 0x20) {
      out += line[i];
    }
  }
  return out;
}

/// Behind "[1,0]<stdout>:" of mpirun --tag-output, where the line begins so.
std::string_view without_tag(std::string_view line) {
  const auto end = line.find("]<std");
  if (!line.starts_with('[') || end == std::string_view::npos) return line;
  const auto colon = line.find(':', end);
  return colon == std::string_view::npos ? line : line.substr(colon + 1);
}

}  // namespace

LogFile::LogFile(const std::filesystem::path& path) : file_(path.string()) {
  std::error_code error;
  if (!std::filesystem::exists(path, error)) throw SpecError(file_, "", "no such file", "check the path");
  if (std::filesystem::is_directory(path, error))
    throw SpecError(file_, "", "is a folder", "name the files in it");
  std::ifstream in(path, std::ios::binary);
  if (!in) throw SpecError(file_, "", "cannot be read", "check its permissions");
  if (std::filesystem::file_size(path, error) > kMaxLogBytes && !error)
    throw SpecError(file_, "", "is larger than 256 MB", "cut out the lines that are wanted");
  content_.assign(std::istreambuf_iterator<char>(in), {});
  std::string_view rest = content_;
  while (!rest.empty()) {
    const auto end = rest.find('\n');
    lines_.emplace_back(without_tag(plain(rest.substr(0, end))));
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  }
  if (lines_.empty()) throw SpecError(file_, "", "is empty", "give what the program printed");
}

void LogFile::fail(std::size_t index, const std::string& what, const std::string& hint) const {
  throw SpecError(file_, line_place(index), what, hint);
}

void LogFile::fail_at_end(const std::string& expected) const {
  fail(num_lines() - 1, fmt::format("the log ends before '{}'", expected), "give the whole output of a run");
}

std::string line_place(std::size_t index) {
  return fmt::format("line {}", index + 1);
}

}  // namespace moesim
