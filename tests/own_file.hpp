#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <string>

namespace moesim::test {

/// A file of this process alone, since tests run side by side; it goes away with the object.
class OwnFile {
 public:
  explicit OwnFile(const std::string& name)
      : path_(std::filesystem::path(testing::TempDir()) /
              ("moesim_" + std::to_string(::getpid()) + "_" + name)) {}
  ~OwnFile() { std::filesystem::remove(path_); }
  OwnFile(const OwnFile&) = delete;
  OwnFile& operator=(const OwnFile&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace moesim::test
