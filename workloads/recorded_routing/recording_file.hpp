#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>

namespace moesim {

/// A recording opened for reading in binary.
struct RecordingFile {
  std::ifstream stream;
  std::uint64_t bytes = 0;
};

/// Throws SpecError where there is no such file, it is a folder or a pipe, or it cannot be read.
RecordingFile open_recording(const std::filesystem::path& path);

}  // namespace moesim
