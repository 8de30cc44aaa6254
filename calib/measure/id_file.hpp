#pragma once

#include <chrono>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace moesim {

/// The file by which rank 0 tells the others the identifier of a communicator, on storage that all see.
/// Three lines: "moesim-id 1", the name of the job, the identifier in hexadecimal digits.
struct IdFile {
  std::string path;
  std::string job;  ///< as in RankPlace; a file of another job is left by another run
};

/// Writes the file: beside it first, then renamed, so a reader sees all of it or nothing. A file of another
/// job is replaced; one of the same job, or any where the job has no name, is refused with SpecError: another
/// rank may have read it already. Throws OutputError where it cannot be written.
void publish_id(const IdFile& file, std::span<const std::byte> id);

/// Waits for the file and returns the identifier of `size` bytes. A file of another job is waited out. Throws
/// SpecError for a file that is none of these or holds another number of bytes, RunError after `patience`.
std::vector<std::byte> await_id(const IdFile& file, std::size_t size, std::chrono::milliseconds patience);

/// Removes the file, if it is there. Call it once every rank has read it.
void remove_id(const IdFile& file);

}  // namespace moesim
