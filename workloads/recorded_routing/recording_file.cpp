#include "workloads/recorded_routing/recording_file.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <system_error>

#include "base/error.hpp"

namespace moesim {

RecordingFile open_recording(const std::filesystem::path& path) {
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (!std::filesystem::exists(status)) {
    throw SpecError(path.string(), "", "no such file", "give the path of recorded routing");
  }
  if (!std::filesystem::is_regular_file(status)) {
    throw SpecError(path.string(), "", "is no regular file", "give the path of a file on a disk");
  }
  RecordingFile file;
  file.bytes = std::filesystem::file_size(path, error);
  file.stream.open(path, std::ios::binary);
  if (error || !file.stream) {
    const std::string reason = error ? error.message() : std::generic_category().message(errno);
    throw SpecError(path.string(), "", fmt::format("cannot be read: {}", reason), "check its permissions");
  }
  return file;
}

}  // namespace moesim
