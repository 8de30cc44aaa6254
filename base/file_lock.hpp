#pragma once

#include <filesystem>
#include <string>

namespace moesim {

/// The right to work on `path` alone, among all processes that ask for it: a lock on the file PATH.lock,
/// which the system gives back when its holder ends, however that was. The file says who holds it and is
/// removed in the end; one that a killed process left behind is taken over.
class FileLock {
 public:
  /// Throws OutputError where another process has the right (naming it), or the folder cannot be written.
  explicit FileLock(const std::filesystem::path& path);
  ~FileLock();
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;

 private:
  std::filesystem::path lock_path_;
  int descriptor_ = -1;
};

}  // namespace moesim
