#pragma once

#include <filesystem>
#include <memory>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace moesim {

/// A file that appears under its name only when it is whole.
/// Text goes to a hidden file `.NAME.partial` in the target's folder; commit() syncs it and renames it over
/// the target. A failure or the destructor before commit() removes it; a killed process leaves at most that
/// hidden file, which the next writer of the same target takes over. The partial file is locked, so two
/// writers of one target cannot mix. A symbolic link is followed. Anything that is no regular file
/// (/dev/stdout, a FIFO) is written directly.
class AtomicFile {
 public:
  /// Throws OutputError when the folder is missing, the target is a folder or read-only, or another process
  /// writes it.
  explicit AtomicFile(const std::filesystem::path& target);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  /// Valid until commit(). Write failures are reported by commit().
  std::ostream& stream();
  /// Appends `text`; throws OutputError at once when it cannot be written.
  void write(std::string_view text);
  /// Makes what was written the content of the target, once. Throws OutputError and leaves the old target
  /// otherwise.
  void commit();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Replaces the content of `target` as a whole. Throws OutputError, leaving the old content.
void write_file_atomically(const std::filesystem::path& target, std::string_view text);

/// The folders searched for shipped data that exist: $MOESIM_DATA, share/moesim beside the executable's
/// folder, the source tree; in this order.
std::vector<std::filesystem::path> data_roots();

/// The first of data_roots() that holds `relative` ("models/catalog/deepseek-v3.json").
/// Throws SpecError naming the folders searched when there is none or `relative` is absolute or leaves the
/// folder.
std::filesystem::path find_data(std::string_view relative);

/// The file names in `folder` of any of data_roots() that end in `extension` (".json"), sorted, each once.
std::vector<std::string> list_data(std::string_view folder, std::string_view extension);

}  // namespace moesim
