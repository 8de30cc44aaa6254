#pragma once

#include <cstdint>
#include <string>

namespace moesim {

/// Lines of a file, gzipped or plain, one at a time, without their ends.
class TraceLines {
 public:
  /// Throws SpecError where it cannot be read.
  explicit TraceLines(std::string path);
  ~TraceLines();
  TraceLines(const TraceLines&) = delete;
  TraceLines& operator=(const TraceLines&) = delete;

  /// False at the end. Throws SpecError for damaged data.
  bool next(std::string& line);
  [[nodiscard]] std::int64_t number() const { return number_; }
  [[nodiscard]] const std::string& path() const { return path_; }
  /// Throws SpecError at the line last read.
  [[noreturn]] void fail(const std::string& what, const std::string& hint) const;

 private:
  std::string path_;
  void* file_ = nullptr;
  std::int64_t number_ = 0;
};

}  // namespace moesim
