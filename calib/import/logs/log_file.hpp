#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace moesim {

/// The lines of a text that a program printed, without colours, carriage returns and what a launcher puts
/// before each ("[1,0]<stdout>:").
class LogFile {
 public:
  /// Throws SpecError where it cannot be read.
  explicit LogFile(const std::filesystem::path& path);

  [[nodiscard]] const std::string& file() const { return file_; }
  /// The text as it is in the file.
  [[nodiscard]] const std::string& content() const { return content_; }
  [[nodiscard]] std::size_t num_lines() const { return lines_.size(); }
  [[nodiscard]] std::string_view line(std::size_t index) const { return lines_[index]; }

  /// Throws SpecError with the line, which counts from 0 here and from 1 in the error.
  [[noreturn]] void fail(std::size_t index, const std::string& what, const std::string& hint) const;
  /// The same for what is missing behind the last line.
  [[noreturn]] void fail_at_end(const std::string& expected) const;

 private:
  std::string file_;
  std::string content_;
  std::vector<std::string> lines_;
};

/// How errors, notes and reports name a line that counts from 0: "line 1".
std::string line_place(std::size_t index);

}  // namespace moesim
